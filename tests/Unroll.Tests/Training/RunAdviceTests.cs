using System.Globalization;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

/// <summary>What suits a text and a time.</summary>
public class RunAdviceTests
{
    private static readonly double?[] Times = [null, 0.5, 2, 10, 60, 300, 1800, 7200, 36_000, 360_000];
    private static readonly long[] Lengths = [70, 500, 3000, 19_999, 20_000, 200_000, 1_000_000, 10_000_000, 1_000_000_000];
    private static readonly int[] Vocabularies = [3, 65, 1000, 1001, 30_000];
    private static readonly int[] Threads = [1, 2, 3, 4, 6, 8, 12, 16, 64];

    [Fact]
    public void Every_advice_is_a_valid_run()
    {
        Assert.All(Grid(), preset =>
        {
            preset.Model.Validate();
            preset.Training.Validate();
            Assert.Equal((Presets.Default.Name, Presets.Default.Text, Presets.Default.Corpus), (preset.Name, preset.Text, preset.Corpus));
        });
    }

    [Theory]
    [InlineData(65)]
    [InlineData(30_000)]
    public void More_time_makes_a_larger_network(int vocabulary)
    {
        // Of a text without end nobody makes two passes.
        Preset[] presets = [.. Sweep().Select(seconds => Advise(long.MaxValue / 2, vocabulary, seconds))];
        int[] units = [.. presets.Select(preset => preset.Model.HiddenSize)];
        Assert.Equal(units.Order(), units);
        Assert.Equal((32, 1536), (units[0], units[^1]));
        Assert.All(presets, preset => Assert.Equal((1, 1), (preset.Members, preset.Training.Epochs)));
        int[] faster = [.. Sweep().Select(seconds => Advise(long.MaxValue / 2, vocabulary, seconds / 8, threads: 4, speed: 200_000).Model.HiddenSize)];
        Assert.Equal(units, faster);
    }

    [Theory]
    [InlineData(30_000, 65)]
    [InlineData(1_000_000, 65)]
    [InlineData(300_000, 5000)]
    public void One_network_learns_until_it_would_read_the_text_more_than_25_times(long length, int vocabulary)
    {
        Preset[] presets = [.. Sweep().Select(seconds => Advise(length, vocabulary, seconds))];
        int[] members = [.. presets.Select(preset => preset.Members)];
        Assert.Equal(members.Order(), members);
        Assert.Equal([1, 2, 4, 8], members.Distinct());
        Assert.All(presets, preset => Assert.True(preset.Members == 8 || preset.Training.Epochs <= 25, $"{preset.Members}: {preset.Training.Epochs}"));
        Assert.All(presets, preset => Assert.True(preset.Members == 1 || preset.Training.Epochs >= 12, $"{preset.Members}: {preset.Training.Epochs}"));
    }

    [Fact]
    public void Networks_take_turns_in_full_rounds()
    {
        foreach (int threads in Threads)
        {
            foreach (long length in Lengths)
            {
                foreach (double seconds in Sweep())
                {
                    int members = Advise(length, 65, seconds, threads).Members;
                    Assert.Contains(members, (int[])[1, 2, 4, 8]);
                    // As many learn at a time as there are threads: in the last round too none of these has nothing to do.
                    Assert.True(members == 1 || members % Math.Min(members, threads) == 0, $"{members} networks on {threads} threads");
                }
            }
        }
    }

    [Fact]
    public void Larger_networks_learn_more_slowly()
    {
        foreach (IGrouping<bool, Preset> kind in Grid().GroupBy(preset => preset.Model.EmbeddingSize > 0))
        {
            var rates = new SortedDictionary<int, double>();
            foreach (Preset preset in kind)
            {
                rates.TryAdd(preset.Model.HiddenSize, preset.Training.LearningRate);
                Assert.Equal(rates[preset.Model.HiddenSize], preset.Training.LearningRate);
            }
            Assert.True(rates.Count > 10, "many sizes must occur");
            Assert.Equal(rates.Values.Order().Reverse().Distinct(), rates.Values);
        }
    }

    [Fact]
    public void Who_reads_a_text_more_often_is_disturbed_more()
    {
        foreach (IGrouping<bool, Preset> kind in Grid().GroupBy(preset => preset.Model.EmbeddingSize > 0))
        {
            TrainingOptions[] runs = [.. kind.Select(preset => preset.Training).Where(training => training.Epochs < 100).OrderBy(training => training.Epochs)];
            foreach ((TrainingOptions fewer, TrainingOptions more) in runs.Zip(runs[1..]).Where(pair => pair.First.Epochs < pair.Second.Epochs))
                Assert.True(fewer.StateDropout <= more.StateDropout && fewer.NgramDropout <= more.NgramDropout, $"{fewer} {more}");
            Assert.True(runs[0].StateDropout < runs[^1].StateDropout && runs[0].NgramDropout < runs[^1].NgramDropout);
            Assert.All(kind, preset => Assert.True(preset.Training is { StateDropout: <= 0.4, NgramDropout: <= 0.6 }));
        }
    }

    [Fact]
    public void A_short_text_gets_small_batches_and_no_memory()
    {
        int[] batches = [.. Lengths.Select(length => Advise(length, 65, null).Training.Batch)];
        Assert.Equal(batches.Order(), batches);
        Assert.Equal((1, 16), (batches[0], batches[^1]));
        foreach (double? seconds in Times)
            Assert.All(Lengths, length => Assert.Equal(length >= 20_000, Advise(length, 65, seconds).Training.MemoryTokens > 0));
        Assert.Equal(TrainingOptions.MostMemoryTokens, Advise(1L << 40, 65, 1e6).Training.MemoryTokens);
        Assert.True(Advise(1L << 40, 65, 10).Training.MemoryTokens < Advise(1L << 40, 65, 20).Training.MemoryTokens, "counting takes a part of the time");
    }

    [Theory]
    [InlineData(1000, 0, 0, 4)]
    [InlineData(1001, 128, 3, 0)]
    public void Many_different_tokens_get_vectors(int vocabulary, int embedding, int input, int output)
    {
        foreach (double? seconds in Times)
        {
            ModelOptions model = Advise(1_000_000, vocabulary, seconds).Model;
            Assert.Equal((embedding, input, output, CellKind.Cifg), (model.EmbeddingSize, model.InputNgrams, model.OutputNgrams, model.Cell));
        }
    }

    [Fact]
    public void Without_a_time_the_machine_does_not_matter()
    {
        foreach (long length in Lengths)
        {
            Preset expected = Advise(length, 65, null);
            Assert.All(Threads, threads => Assert.Equal(expected, Advise(length, 65, null, threads, speed: 1000 * threads)));
            Assert.Equal(expected, Advise(length, 65, null, threads: 0, speed: null));
        }
        using Corpus corpus = Text(40, 3000);
        Preset preset = Presets.DefaultFor(corpus);
        Assert.Equal(Advise(corpus.Training.Length, corpus.Vocabulary.Count, null), preset);
        Assert.Equal(preset, Presets.DefaultFor(corpus));
        Assert.Null(preset.Training.Budget);
    }

    [Fact]
    public void A_time_of_its_own_stands_in_the_preset()
    {
        using Corpus corpus = Text(40, 3000);
        Preset preset = Presets.DefaultFor(corpus, TimeSpan.FromSeconds(5), threads: 1);
        preset.Model.Validate();
        preset.Training.Validate();
        Assert.Equal(TimeSpan.FromSeconds(5), preset.Training.Budget);
        Assert.Equal(0, preset.Training.Updates);
    }

    [Theory]
    [InlineData(3, 100, null)]
    [InlineData(40, 3000, null)]
    [InlineData(40, 25_000, 2.0)]
    [InlineData(40, 25_000, 40.0)]
    [InlineData(1000, 3000, 0.5)]
    [InlineData(1100, 3000, null)]
    [InlineData(1100, 25_000, 10.0)]
    public void Advice_can_be_followed(int different, int length, double? seconds)
    {
        using Corpus corpus = Text(different, length);
        Preset preset = RunAdvice.For(Presets.Default, corpus.Training.Length, corpus.Vocabulary.Count, corpus.Vocabulary.IsByFrequency, seconds, threads: 2, speed: 50_000);
        LanguageModel model = LanguageModel.Create(corpus, preset.Model, members: Math.Min(preset.Members, 2));
        TrainingResult result = new Trainer(model, corpus, preset.Training with { Updates = 1 }, new RunOptions { Threads = 2 })
            .Run(cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Completed);
        Assert.True(double.IsFinite(result.Summary.TrainingLoss));
        Assert.Equal(preset.Training.MemoryTokens > 0, model.HasMemory);
    }

    private static IEnumerable<double> Sweep() => Enumerable.Range(0, 60).Select(i => 0.2 * Math.Pow(1.4, i));

    private static IEnumerable<Preset> Grid() =>
        from length in Lengths
        from vocabulary in Vocabularies
        from seconds in Times
        from threads in Threads
        from speed in (double[])[10_000, 100_000]
        select Advise(length, vocabulary, seconds, threads, speed);

    private static Preset Advise(long length, int vocabulary, double? seconds, int threads = 1, double? speed = 100_000) =>
        RunAdvice.For(Presets.Default, length, vocabulary, byFrequency: true, seconds, threads, speed);

    // Of so many different characters, read as the default reads.
    private static Corpus Text(int different, int length)
    {
        string text = string.Concat(Enumerable.Range(0, length).Select(i => ((char)(0x4e00 + (long)i * i % 7919 % different)).ToString(CultureInfo.InvariantCulture)));
        return Corpus.Load(TextSource.FromString(text), Presets.Default.Text, Presets.Default.Corpus);
    }
}

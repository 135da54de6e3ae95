using Unroll.Counts;
using Unroll.Tests.Data;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

/// <summary>A model goes on with another text.</summary>
public class ContinuingTests
{
    private const int All = 1 << 20;

    private static readonly ModelOptions Shape = new() { Cell = CellKind.Cifg, HiddenSize = 12, OutputNgrams = 3 };

    private static readonly TrainingOptions Options = TestRun.Options with { Updates = 30, NgramDropout = 0.2, Schedule = Schedule.Cosine, MemoryTokens = All, Seed = 5 };

    /// <summary>Sentences of the same kind, in part of other words and characters.</summary>
    private static readonly string NewText = string.Concat(Enumerable.Range(0, 60).Select(i =>
        $"the {(i % 3 == 0 ? "cat" : "queen")} {(i % 5 < 2 ? "sat on" : "flew to")} the {(i % 7 < 3 ? "mat" : "zoé")}! "));

    private static readonly string NewCharacters = string.Concat(NewText.Distinct().Except(TestRun.Text.Distinct()).OrderByDescending(letter => NewText.Count(other => other == letter)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_knows_more_than_one_that_begins_and_its_file_says_where_it_comes_from(bool newTokens)
    {
        using var folder = new TemporaryFolder();
        LanguageModel start = Start(1);
        string fingerprint = start.Fingerprint();
        using Corpus corpus = New(start, newTokens);
        LanguageModel model = LanguageModel.From(start, corpus);
        TrainingSummary summary = Run(model, corpus, new RunOptions { Out = folder["m"], Threads = 2 }).Summary;
        Assert.Equal(fingerprint, summary.From);
        Assert.Equal(fingerprint, start.Fingerprint());
        Assert.Equal(summary, Checkpoint.ReadMetadata(folder["m"]).Summary);
        Assert.Equal(start.Vocabulary.Count + (newTokens ? NewCharacters.Length : 0), model.Vocabulary.Count);
        Assert.Equal(newTokens, corpus.Options.NewTokens);

        LanguageModel fresh = LanguageModel.Create(corpus, Shape, seed: 5);
        TrainingSummary beginner = Run(fresh, corpus, new RunOptions { Threads = 2 }).Summary;
        Assert.Null(beginner.From);
        Assert.True(summary.NetworkLoss < 0.8 * beginner.NetworkLoss, $"{summary.NetworkLoss} is not far below {beginner.NetworkLoss}.");
    }

    [Fact]
    public void New_tokens_stand_behind_the_model_s_commonest_first()
    {
        LanguageModel start = Start(1);
        using Corpus corpus = New(start), kept = New(start, newTokens: false);
        Assert.True(NewCharacters.Length >= 5);
        Assert.Equal([.. start.Vocabulary.Tokens, .. NewCharacters.Select(letter => $"{letter}")], corpus.Vocabulary.Tokens);
        Assert.Equal(0, corpus.Counts[Vocabulary.UnknownId]);
        Assert.Same(start.Vocabulary, kept.Vocabulary);
        Assert.Equal(NewText.Count(NewCharacters.Contains), kept.Counts[Vocabulary.UnknownId]);

        using Corpus rare = Corpus.Load(TextSource.FromString(NewText), options: new CorpusOptions { NewTokens = true, MinCount = 1000 }, vocabulary: start.Vocabulary);
        Assert.Same(start.Vocabulary, rare.Vocabulary);
        using Corpus own = Corpus.Load(TextSource.FromString(NewText), options: new CorpusOptions { NewTokens = true });
        Assert.Equal(Corpus.Load(TextSource.FromString(NewText)).Vocabulary.Tokens, own.Vocabulary.Tokens);
        Vocabulary bytes = Corpus.Load(TextSource.FromString("a"), new TextOptions { Tokens = TokenKind.Byte }).Vocabulary;
        Assert.Same(bytes, Corpus.Load(TextSource.FromString("zoé"), options: new CorpusOptions { NewTokens = true }, vocabulary: bytes).Vocabulary);
    }

    [Fact]
    public void A_text_that_was_read_in_another_way_is_refused()
    {
        LanguageModel start = Start(1);
        string message = Assert.Throws<UnrollException>(() => LanguageModel.From(start, TestRun.Corpus(0.2, NewText))).Message;
        Assert.Contains("does not begin with the model's tokens", message);
        Assert.Contains("does not begin", Assert.Throws<UnrollException>(() => LanguageModel.From(
            start, Corpus.Load(TextSource.FromString(NewText), new TextOptions { Clean = Cleaning.Textbook }))).Message);
        using Corpus unknown = Corpus.Load(TextSource.FromString(new string('ж', 200)), vocabulary: start.Vocabulary);
        LanguageModel model = LanguageModel.From(start, unknown);
        Assert.Contains("knows none of the tokens", Assert.Throws<UnrollException>(() => new Trainer(model, unknown, TestRun.Options)).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Threads_change_no_byte(int members)
    {
        using var folder = new TemporaryFolder();
        LanguageModel start = Start(members);
        using Corpus corpus = New(start);
        byte[]? first = null;
        foreach (int threads in (int[])[1, 2, 3])
        {
            Run(LanguageModel.From(start, corpus), corpus, new RunOptions { Out = folder["m"], Threads = threads });
            Assert.Equal(first ??= File.ReadAllBytes(folder["m"]), File.ReadAllBytes(folder["m"]));
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    public void Stopped_or_killed_and_resumed_it_ends_in_the_same_bytes(int members, int threads)
    {
        using var folder = new TemporaryFolder();
        LanguageModel start = Start(members);
        using Corpus corpus = New(start);
        TrainingResult through = Run(LanguageModel.From(start, corpus), corpus, TestRun.Run(folder["through"]));
        RunOptions run = TestRun.Run(folder["pieces"], resume: true) with { Threads = threads };
        Assert.False(Run(LanguageModel.From(start, corpus), corpus, run, stop: 3).Completed);

        // All that is needed stands in the file.
        LanguageModel kept = LanguageModel.Load(folder["pieces"]);
        Assert.Equal(start.Memory!.Tokens, kept.Memory!.Tokens);
        Assert.Equal(start.Memory.Mixture, kept.Memory.Mixture);
        kept.Origin = Checkpoint.ReadMetadata(folder["pieces"]).Summary!.From;
        var killer = new Reports(report =>
        {
            if (report.Update >= 20)
                throw new TimeoutException();
        });
        Assert.Throws<TimeoutException>(() => new Trainer(kept, corpus, Options, run).Run(killer, TestContext.Current.CancellationToken));
        Assert.Equal(start.Memory.Tokens, kept.Memory!.Tokens);
        TrainingResult last = Run(LanguageModel.From(start, corpus), corpus, run);
        Assert.True(last is { Completed: true, Resumed: true });
        Assert.Equal(through.Summary, last.Summary);
        Assert.Equal(File.ReadAllBytes(folder["through"]), File.ReadAllBytes(folder["pieces"]));
        Assert.Contains("finished already", Run(LanguageModel.From(start, corpus), corpus, run).Notice);
    }

    [Fact]
    public void A_run_that_began_otherwise_is_not_gone_on_with()
    {
        using var folder = new TemporaryFolder();
        LanguageModel start = Start(1), other = Start(1);
        other.Parameters.Values[0] += 0.5f;
        using Corpus corpus = New(start);
        RunOptions run = TestRun.Run(folder["m"]);
        Run(LanguageModel.From(start, corpus), corpus, run, stop: 3);
        byte[] before = File.ReadAllBytes(folder["m"]);
        run = run with { Resume = true };
        string message = Assert.Throws<UnrollException>(() => Run(LanguageModel.From(other, corpus), corpus, run)).Message;
        Assert.Contains($"its model goes on from the model with the fingerprint {start.Fingerprint()[..8]}", message);
        Assert.Contains($"this one goes on from the model with the fingerprint {other.Fingerprint()[..8]}", message);
        Assert.Contains("this one began with random weights", Assert.Throws<UnrollException>(() => Run(LanguageModel.Create(corpus, Shape, seed: 5), corpus, run)).Message);
        Assert.Equal(before, File.ReadAllBytes(folder["m"]));
    }

    [Theory]
    [InlineData(All)]
    [InlineData(2000)]
    [InlineData(500)]
    public void The_memory_counts_both_texts_and_leaves_out_the_old_one_first(int tokens)
    {
        LanguageModel start = Start(1);
        using Corpus corpus = New(start);
        LanguageModel model = LanguageModel.From(start, corpus);
        Run(model, corpus, new RunOptions { Threads = 1 }, Options with { MemoryTokens = tokens });
        int[] text = [.. start.Memory!.Tokens, .. CorpusTests.All(corpus.Training), .. CorpusTests.All(corpus.HeldBack!)];
        Assert.Equal(text[^Math.Min(tokens, text.Length)..], model.Memory!.Tokens);
        Assert.Equal(corpus.Vocabulary.Count, model.Memory.VocabularySize);
    }

    [Fact]
    public void The_memory_is_weighed_anew_on_what_nothing_has_learned_from()
    {
        LanguageModel start = Start(1);
        using Corpus corpus = New(start);
        LanguageModel model = LanguageModel.From(start, corpus);
        Run(model, corpus, new RunOptions { Threads = 1 });
        CountMemory learned = CountMemory.Count([.. start.Memory!.Tokens, .. CorpusTests.All(corpus.Training)], corpus.Vocabulary);
        CountBlend expected = MemoryFit.Fit(model.WithoutMemory(), learned, corpus.Training, corpus.HeldBack!, threads: 1, start.Memory);
        Assert.Equal(expected.Weights, model.Memory!.Mixture);
        Assert.NotEqual(start.Memory.Mixture.ToArray(), model.Memory.Mixture.ToArray());
        Assert.NotEqual(MemoryFit.Fit(model.WithoutMemory(), learned, corpus.Training, corpus.HeldBack!, threads: 1, earlier: null).Weights.ToArray(), model.Memory.Mixture.ToArray());
    }

    [Fact]
    public void Without_a_memory_asked_for_there_is_none_at_the_end_and_the_old_one_until_then()
    {
        using var folder = new TemporaryFolder();
        LanguageModel start = Start(1);
        using Corpus corpus = New(start);
        LanguageModel model = LanguageModel.From(start, corpus);
        TrainingOptions options = Options with { MemoryTokens = 0 };
        Assert.False(Run(model, corpus, TestRun.Run(folder["m"]), options, stop: 2).Completed);
        Assert.Equal(start.MemoryTokens, model.MemoryTokens);
        Assert.False(LanguageModel.Load(folder["m"]).HasMemory);
        Assert.Null(Run(model, corpus, TestRun.Run(folder["m"], resume: true), options).Summary.NetworkLoss);
        Assert.False(model.HasMemory || LanguageModel.Load(folder["m"]).HasMemory);
    }

    [Fact]
    public void Byte_pairs_and_the_mark_behind_them_stay()
    {
        string[] lines = ["the cat sat", "the queen sat", "a hat"];
        using Corpus first = Corpus.Load(TextSource.FromString(string.Join('\n', lines)), new TextOptions { Tokens = TokenKind.Bpe, Documents = DocumentKind.Line });
        LanguageModel start = LanguageModel.Create(first, Shape, seed: 5);
        using Corpus corpus = Corpus.Load(TextSource.FromString("zoé\nthe zoo\n"), options: new CorpusOptions { NewTokens = true }, vocabulary: start.Vocabulary);
        Assert.Same(start.Vocabulary, corpus.Vocabulary);
        LanguageModel model = LanguageModel.From(start, corpus);
        Run(model, corpus, new RunOptions { Threads = 1 }, Options with { Updates = 3, MemoryTokens = 0, Batch = 1, SequenceLength = 4 });
        Assert.Equal(start.Vocabulary.EndId, model.Vocabulary.EndId);
        Assert.Equal(2, CorpusTests.All(corpus.Training).Count(id => id == model.Vocabulary.EndId));
    }

    [Fact]
    public void What_is_chosen_suits_a_model_that_has_learned()
    {
        LanguageModel start = Start(1);
        using Corpus corpus = New(start);
        LanguageModel model = LanguageModel.From(start, corpus);
        Preset chosen = Presets.From(model, corpus);
        chosen.Training.Validate();
        Assert.Equal((Shape, 1, start.Vocabulary.Text), (chosen.Model, chosen.Members, chosen.Text));
        TrainingOptions fresh = RunAdvice.For(Presets.Default, corpus.Training.Length, corpus.Vocabulary.Count, corpus.Vocabulary.IsByFrequency, null, 0, null).Training;
        Assert.Equal((fresh.Batch, fresh.SequenceLength, 0), (chosen.Training.Batch, chosen.Training.SequenceLength, chosen.Training.SoftmaxSample));
        Assert.True(chosen.Training.Epochs < fresh.Epochs, $"{chosen.Training.Epochs} epochs");
        Assert.Equal(2 * corpus.Training.Length + start.MemoryTokens, chosen.Training.MemoryTokens);

        using Corpus all = Corpus.Load(TextSource.FromString(NewText), vocabulary: corpus.Vocabulary);
        Assert.Equal(0, Presets.From(model, all).Training.MemoryTokens);
        LanguageModel plain = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = CellKind.Gru, HiddenSize = 5, Layers = 2 });
        Assert.Equal((0, 0), (Presets.From(plain, corpus).Training.StateDropout, Presets.From(plain, corpus).Training.MemoryTokens));

        Preset byTime = Presets.From(model, corpus, TimeSpan.FromSeconds(2), threads: 1);
        Assert.Equal((TimeSpan.FromSeconds(2), chosen.Training.Epochs), (byTime.Training.Budget, byTime.Training.Epochs));
    }

    [Theory]
    [InlineData(65, 4, 0)]
    [InlineData(5000, 0, 128)]
    [InlineData(5000, 2, 0)]
    public void A_softmax_is_sampled_where_it_can_be(int tokens, int ngrams, int sample)
    {
        var vocabulary = new Vocabulary([Vocabulary.UnknownToken, .. Enumerable.Range(1, tokens - 1).Select(id => $"{(char)(0x3000 + id)}")], new TextOptions());
        var model = new LanguageModel(vocabulary, new ModelOptions { HiddenSize = 4, OutputNgrams = ngrams }, ngrams > 0 ? new Unroll.Model.NgramIndex(tokens, [], ngrams) : null);
        Assert.Equal(sample, RunAdvice.From(Presets.Default, model, 100_000, 20, 2, 100_000).Training.SoftmaxSample);
    }

    private static LanguageModel Start(int members)
    {
        using Corpus corpus = Corpus.Load(TextSource.FromString(TestRun.Text), options: new CorpusOptions { HeldBack = 0.1 });
        LanguageModel model = LanguageModel.Create(corpus, Shape, seed: 5, members);
        Run(model, corpus, new RunOptions { Threads = 1 }, Options with { Updates = 120 });
        return model;
    }

    private static Corpus New(LanguageModel start, bool newTokens = true) => Corpus.Load(
        TextSource.FromString(NewText), options: new CorpusOptions { Validation = 0.2, HeldBack = 0.1, NewTokens = newTokens }, vocabulary: start.Vocabulary);

    private static TrainingResult Run(LanguageModel model, Corpus corpus, RunOptions run, TrainingOptions? options = null, long? stop = null) =>
        TestRun.Train(model, corpus, options ?? Options, run, stop);
}

using Xunit;

namespace Unroll.Tests.Generation;

/// <summary>Several generators of one model: none knows of another.</summary>
public class ConcurrentGeneratorsTests
{
    private static readonly LanguageModel Model = CreateModel();

    [Fact]
    public void Two_texts_under_way_at_once_are_those_of_one_after_the_other()
    {
        using TextGenerator first = new(Model, threads: 1), second = new(Model, threads: 2);
        using IEnumerator<string> one = first.Stream("a state", Options(1)).GetEnumerator(), other = second.Stream("another", Options(2)).GetEnumerator();
        (string a, string b) = ("", "");
        while (one.MoveNext() & other.MoveNext())
            (a, b) = (a + one.Current, b + other.Current);
        Assert.Equal((Alone("a state", 1), Alone("another", 2)), (a, b));
    }

    [Fact]
    public async Task Generators_on_threads_of_their_own_give_what_each_gives_alone()
    {
        string[] expected = [.. Enumerable.Range(0, 4).Select(i => Alone("the letters", i))];
        for (int round = 0; round < 5; round++)
        {
            using var start = new Barrier(expected.Length);
            Task<string>[] texts = [.. expected.Select((_, i) => Task.Factory.StartNew(() =>
            {
                start.SignalAndWait();
                using var generator = new TextGenerator(Model, threads: 1 + (i % 2));
                return generator.Generate("the letters", Options(i)).Text;
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            Assert.Equal(expected, await Task.WhenAll(texts));
        }
    }

    private static GenerationOptions Options(int seed) => new() { Length = 80, Temperature = 1, Seed = (ulong)seed };

    private static string Alone(string prefix, int seed)
    {
        using var generator = new TextGenerator(Model, threads: 1);
        return generator.Generate(prefix, Options(seed)).Text;
    }

    private static LanguageModel CreateModel()
    {
        Corpus corpus = Corpus.Load(TextSource.FromString("some letters to be known by the model, and a few more: xyz."));
        LanguageModel model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 24, Layers = 2 });
        foreach (ref float value in model.Parameters.Values)
            value *= 4; // so that the state matters
        return model;
    }
}

using System.Text;
using Unroll.Model;
using Unroll.Tests.Model;
using Xunit;

namespace Unroll.Tests.Generation;

public class TextGeneratorTests
{
    private static readonly GenerationOptions Sampled = new() { Length = 60, Temperature = 1, Seed = 5 };

    [Fact]
    public void GreedyFollowsTheLikeliestTokens()
    {
        using var generator = new TextGenerator(CraftedModel.Spelling("helo w"), threads: 1);
        Assert.Equal("helo whelo", generator.Generate("he", 8));
        Assert.Equal("", generator.Generate("", 0));
        Assert.Equal("he", generator.Generate("he", 0));
    }

    [Theory]
    [InlineData(CellKind.Rnn)]
    [InlineData(CellKind.Gru)]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.Cifg)]
    public void TheWarmupFeedsTheWholePrefixOnce(CellKind cell)
    {
        // The likeliest continuation of a prefix by its definition: a fresh state fed token by token.
        Corpus corpus = Corpus.Load(TextSource.FromString("some letters to be known by the model, and a few more: xyz."));
        LanguageModel model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = cell, HiddenSize = 16, Layers = 2 });
        foreach (ref float value in model.Parameters.Values)
            value *= 3;
        string prefix = string.Concat(Enumerable.Repeat("the state remembers ", 10));
        foreach (int length in (int[])[1, 2, 63, 64, 65, 66, 129, 200])
            Assert.Equal(ByDefinition(prefix[..length]), Text(model, prefix[..length], new() { Length = 20 }));

        string ByDefinition(string prefix)
        {
            using CpuEngine engine = Engines.Make(model, 1, 1, training: false);
            int[] ids = corpus.Vocabulary.Encode(prefix);
            foreach (int id in ids[..^1])
                engine.Step([id]);
            int last = ids[^1];
            var text = new StringBuilder();
            for (int i = 0; i < 20; i++)
            {
                ReadOnlySpan<float> logits = engine.Step([last])[1..corpus.Vocabulary.Count];
                last = logits.IndexOf(logits.ToArray().Max()) + 1;
                text.Append(corpus.Vocabulary[last]);
            }
            return text.ToString();
        }
    }

    [Fact]
    public void EachTextStartsFromAZeroState()
    {
        LanguageModel model = Untrained("the quick brown fox jumps over the lazy dog");
        using var generator = new TextGenerator(model, threads: 1);
        string fresh = generator.Generate("the", Sampled).Text;
        generator.Generate("lazy dog", Sampled with { Seed = 6 });
        Assert.Equal(fresh, generator.Generate("the", Sampled).Text);
        Assert.Equal(fresh, Text(model, "the", Sampled, threads: 2));
    }

    [Fact]
    public void SamplesDifferAndEachIsReproducible()
    {
        LanguageModel model = CraftedModel.Constant(0.2, 0.2, 0.2, 0.2, 0.2);
        string[] texts = [.. Enumerable.Range(0, 5).Select(i => Text(model, "", Sampled with { Sample = (ulong)i }))];
        Assert.Equal(5, texts.Distinct().Count());
        Assert.Equal(texts[3], Text(model, "", Sampled with { Sample = 3 }));
        Assert.All(texts, text => Assert.Equal(60, text.Length));
        // A shorter text with the same seed is the longer one's beginning.
        Assert.Equal(texts[0][..20], Text(model, "", Sampled with { Length = 20 }));
    }

    [Fact]
    public void TheStopTextIsKeptAndNothingAfterIt()
    {
        LanguageModel model = CraftedModel.Spelling("abcdef");
        Assert.Equal("bcde", Text(model, "a", new() { StopSequences = ["de"] }));
        Assert.Equal("bcdefabcdefabcdefabc", Text(model, "a", new() { StopSequences = ["x"], Length = 20 }));
        Assert.Equal("bcdefa", Text(model, "a", new() { StopSequences = ["a"] })); // the prefix does not count
        using var generator = new TextGenerator(model, threads: 1);
        GeneratedText generated = generator.Generate("ab", new GenerationOptions { StopSequences = ["fa"] });
        Assert.Equal((5, "cdefa", "abcdefa"), (generated.Tokens, generated.Text, generated.ToString()));
    }

    [Fact]
    public void TheStopTextMayEndInTheMiddleOfAToken()
    {
        LanguageModel model = CraftedModel.Spelling("one two-three", new TextOptions { Tokens = TokenKind.Word });
        Assert.Equal(" two-th", Text(model, "one", new() { StopSequences = ["o-th"] }));
    }

    [Fact]
    public void SurrogatePairsComeWhole()
    {
        LanguageModel model = CraftedModel.Spelling("a😀é中𝄞");
        using var generator = new TextGenerator(model, threads: 1);
        Assert.Equal(["😀", "é", "中", "𝄞", "a"], generator.Stream("a", new() { Length = 5 }));
    }

    [Fact]
    public void BytesComeAsWholeCharacters()
    {
        LanguageModel model = CraftedModel.Spelling("aé😀", new TextOptions { Tokens = TokenKind.Byte });
        using var generator = new TextGenerator(model, threads: 1);
        Assert.Equal(["é", "😀", "a"], generator.Stream("a", new() { Length = 7 }));
        Assert.Equal(7, generator.TokensProduced);
        // Two of the four bytes of the last character: it is left out.
        Assert.Equal(["é"], generator.Stream("a", new() { Length = 4 }));
        Assert.Equal(4, generator.TokensProduced);
        Assert.Equal("é😀", Text(model, "a", new() { StopSequences = ["😀"] }));
    }

    [Fact]
    public void TheBooksWordsGoOnAfterASpace()
    {
        LanguageModel model = CraftedModel.Spelling("time traveller smiled", new TextOptions { Tokens = TokenKind.Word, Clean = Cleaning.Textbook });
        using var generator = new TextGenerator(model, threads: 1);
        Assert.Equal("Time traveller smiled time", generator.Generate("Time traveller", 2));
        Assert.Equal("smiled time", generator.Generate("", 2)); // after the commonest word, which is not printed: no space comes first
    }

    [Theory]
    [InlineData("\nabc def", "abc ")] // a line break, where the model knows one
    [InlineData("abcd ", "abcd")] // else a space
    [InlineData("abcdef", "bcde")] // else the commonest token: of equals the first seen
    public void AnEmptyPrefixBeginsALine(string text, string expected) =>
        Assert.Equal(expected, Text(CraftedModel.Spelling(text), "", new() { Length = 4 }));

    [Fact]
    public void UnknownTokensOfAPrefixAreNamedAndReadAsUnknown()
    {
        Corpus corpus = Corpus.Load(TextSource.FromString("abcabc"));
        LanguageModel model = CraftedModel.Chain(corpus.Vocabulary, id => id == 0 ? corpus.Vocabulary["b"] : corpus.Vocabulary["a"]);
        using var generator = new TextGenerator(model, threads: 1);
        Assert.Equal(["€", "😀"], generator.UnknownTokens("a😀b€c€"));
        Assert.Empty(generator.UnknownTokens("abc"));
        Assert.Empty(generator.UnknownTokens(""));
        Assert.Equal("a€ba", generator.Generate("a€", 2));
    }

    [Fact]
    public void TheUnknownTokenIsNeverProduced()
    {
        LanguageModel model = CraftedModel.Constant(0.5, 0.5);
        model.Parameters["decoder.bias"][0] = 20;
        Assert.DoesNotContain("<unk>", Text(model, "", new() { Length = 100 }));
        Assert.DoesNotContain("<unk>", Text(model, "", new() { Length = 100, Temperature = 2 }));
        Assert.DoesNotContain("<unk>", Text(model, "", new() { Length = 100, Temperature = 2, TopK = 1 }));
        Assert.DoesNotContain("<unk>", Text(model, "", new() { Length = 100, Temperature = 2, TopP = 0.2 }));
        Assert.Equal("<unk><unk>", Text(CraftedModel.Chain(CraftedModel.Letters(0), id => 0), "", new() { Length = 2 }));
    }

    [Fact]
    public void ATextIsProducedAsItIsRead()
    {
        using var generator = new TextGenerator(CraftedModel.Spelling("abc"), threads: 1);
        Assert.Equal("bcabc", string.Concat(generator.Stream("a", new() { Length = int.MaxValue }).Take(5)));
        Assert.Equal(5, generator.TokensProduced);
    }

    [Fact]
    public void OneTextAtATime()
    {
        using var generator = new TextGenerator(CraftedModel.Spelling("abc"), threads: 1);
        using IEnumerator<string> first = generator.Stream("a").GetEnumerator();
        Assert.True(first.MoveNext());
        Assert.Equal("ca", generator.Generate("b", new GenerationOptions { Length = 2 }).Text);
        Assert.Throws<InvalidOperationException>(() => first.MoveNext());
    }

    [Fact]
    public void AStreamCanBeReadAgain()
    {
        using var generator = new TextGenerator(CraftedModel.Constant(0.3, 0.3, 0.4), threads: 1);
        IEnumerable<string> stream = generator.Stream("a", Sampled);
        Assert.Equal(string.Concat(stream), string.Concat(stream));
    }

    [Fact]
    public void ItCanBeCancelled()
    {
        using var generator = new TextGenerator(CraftedModel.Spelling("abc"), threads: 1);
        using var cancel = new CancellationTokenSource();
        int pieces = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (string _ in generator.Stream("a", new() { Length = 1000 }, cancel.Token))
            {
                if (++pieces == 3)
                    cancel.Cancel();
            }
        });
        Assert.Equal(3, pieces);
    }

    [Fact]
    public void LongTextsTakeNoMoreMemory()
    {
        using var generator = new TextGenerator(CraftedModel.Constant(0.3, 0.3, 0.4), threads: 1);
        GenerationOptions options = new() { Length = 200_000, Temperature = 1, StopSequences = ["abcabcabcabcabcabcabcabcabcabcabcabcabcabc"] };
        long characters = 0, before = 0;
        foreach (string piece in generator.Stream("a", options))
        {
            if (++characters == 100_000)
                before = GC.GetAllocatedBytesForCurrentThread();
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }

    [Theory]
    [InlineData("Length")]
    [InlineData("Temperature")]
    [InlineData("TopK")]
    [InlineData("TopP")]
    [InlineData("StopSequences")]
    [InlineData("MinP")]
    [InlineData("RepetitionPenalty")]
    [InlineData("AllowedCharacters")]
    [InlineData("Beam")]
    [InlineData("LengthPenalty")]
    public void OptionsThatMakeNoSenseAreRefusedByName(string name)
    {
        var options = new GenerationOptions();
        options = name switch
        {
            "Length" => options with { Length = -1 },
            "Temperature" => options with { Temperature = double.NaN },
            "TopK" => options with { TopK = -1 },
            "TopP" => options with { TopP = 0 },
            "MinP" => options with { MinP = 1.1 },
            "RepetitionPenalty" => options with { RepetitionPenalty = 0.9 },
            "AllowedCharacters" => options with { AllowedCharacters = "b-a" },
            "Beam" => options with { Beam = 65 },
            "LengthPenalty" => options with { LengthPenalty = -1 },
            _ => options with { StopSequences = [""] },
        };
        using var generator = new TextGenerator(CraftedModel.Spelling("abc"), threads: 1);
        Assert.Equal(name, Assert.Throws<OptionsException>(() => generator.Stream("a", options)).Property);
    }

    private static LanguageModel Untrained(string text) =>
        LanguageModel.Create(Corpus.Load(TextSource.FromString(text)).Vocabulary, new ModelOptions { HiddenSize = 12 });

    private static string Text(LanguageModel model, string prefix, GenerationOptions options, int threads = 1)
    {
        using var generator = new TextGenerator(model, threads);
        return generator.Generate(prefix, options).Text;
    }
}

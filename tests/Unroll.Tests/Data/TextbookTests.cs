using Unroll.Data.Tokens;
using Xunit;

namespace Unroll.Tests.Data;

/// <summary>The book's own numbers, on the book's own text.</summary>
public class TextbookTests
{
    private static readonly TextOptions Characters = new() { Clean = Cleaning.Textbook };
    private static readonly TextOptions Words = new() { Clean = Cleaning.Textbook, Tokens = TokenKind.Word };

    [Fact]
    public void TheCharacterCorpus()
    {
        Corpus corpus = Corpus.Load(RealTexts.Path("timemachine.txt"), Characters);
        Assert.Equal((170_580, 28), (corpus.Training.Length, corpus.Vocabulary.Count));
        Assert.Equal("<unk> etainoshrdlmucfwgypbvkxzjq", string.Concat(corpus.Vocabulary.Tokens));
        Assert.Equal([0, 29_927, 17_838, 13_515], corpus.Counts.Take(4));
        Assert.Equal(170_580, corpus.Counts.Sum());
        Assert.Equal(170_580, corpus.Characters);
        Assert.Contains("of himwas expounding", corpus.Vocabulary.Decode(CorpusTests.All(corpus.Training)[..1000]));
    }

    [Fact]
    public void TheLines()
    {
        string[] lines = [.. File.ReadAllLines(RealTexts.Path("timemachine.txt")).Select(line =>
            string.Concat(TextbookCleaning.Clean([line.AsMemory()], trimEnds: true).Select(piece => piece.ToString())))];
        Assert.Equal(3221, lines.Length);
        Assert.Equal("the time machine by h g wells", lines[0]);
        Assert.Equal("twinkled and his usually pale face was flushed and animated the", lines[10]);
        Assert.Equal(170_580, lines.Sum(line => line.Length));
    }

    [Fact]
    public void TheFirstTenThousandCharacters()
    {
        Corpus corpus = Corpus.Load(RealTexts.Path("timemachine.txt"), Characters, new CorpusOptions { MaxTokens = 10_000 });
        Assert.Equal((10_000, 28), (corpus.Training.Length, corpus.Vocabulary.Count));
        int[] ids = CorpusTests.All(corpus.Training);
        double entropy = ids.GroupBy(id => id).Sum(group => -(group.Count() / 1e4) * Math.Log(group.Count() / 1e4));
        Assert.Equal(17.41, Math.Exp(entropy), 0.005); // the plateau on which gated cells start
    }

    [Fact]
    public void TheWordCorpus()
    {
        Corpus corpus = Corpus.Load(RealTexts.Path("timemachine.txt"), Words);
        Vocabulary vocabulary = corpus.Vocabulary;
        Assert.Equal((32_775, 4_579 + 1), (corpus.Training.Length, vocabulary.Count));
        Assert.Equal("<unk> the i and of a to was in that".Split(' '), vocabulary.Tokens.Take(10));
        Assert.Equal([2261, 1267, 1245, 1155, 816], corpus.Counts.Skip(1).Take(5));
        Assert.Equal([1, 19, 50, 40, 2183, 2184, 400], vocabulary.Encode("the time machine by h g wells"));
        Assert.Equal([2186, 3, 25, 1044, 362, 113, 7, 1421, 3, 1045, 1], vocabulary.Encode("twinkled and his usually pale face was flushed and animated the"));
        Assert.Equal(vocabulary.Encode("the time machine by h g wells"), CorpusTests.All(corpus.Training)[..7]);
    }
}

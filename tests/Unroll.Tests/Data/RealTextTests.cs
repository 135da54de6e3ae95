using System.Text;
using Xunit;

namespace Unroll.Tests.Data;

public class RealTextTests
{
    [Fact]
    public void ChineseNovels()
    {
        string path = RealTexts.Path("four-novels-zh.txt");
        TextStatistics characters = TextStatistics.Measure(TextSource.FromPaths([path]));
        Assert.Equal((2_949_474, 6_399), (characters.Characters, characters.Vocabulary.Count - 1));
        Assert.Equal(new FileInfo(path).Length, characters.Bytes);
        Corpus words = Corpus.Load(path, new TextOptions { Tokens = TokenKind.Word });
        Assert.Equal(2_949_474, words.Characters);
        Assert.InRange(words.Vocabulary.Count, 6_000, 8_000); // ideographs are words: no more than there are characters, and some punctuation
        Assert.Equal(File.ReadAllText(path).Replace("\r\n", "\n"), words.Vocabulary.Decode(CorpusTests.All(words.Training)));
    }

    [Fact]
    public void AByteOrderMarkAndCrLf()
    {
        byte[] bytes = File.ReadAllBytes(RealTexts.Path("war-and-peace.txt"));
        Assert.Equal(0xEF, bytes[0]);
        string expected = Encoding.UTF8.GetString(bytes.AsSpan(3)).Replace("\r\n", "\n");
        Corpus corpus = Corpus.Load(RealTexts.Path("war-and-peace.txt"));
        Assert.Equal(expected, corpus.Vocabulary.Decode(CorpusTests.All(corpus.Training)));
        Assert.Equal(0, corpus.Vocabulary["\uFEFF"]);
        Assert.Equal(0, corpus.Vocabulary["\r"]);
    }

    [Fact]
    public void TheStandardSplitOfTinyShakespeare()
    {
        Corpus corpus = Corpus.Load(RealTexts.Path("tiny-shakespeare.txt"), options: new CorpusOptions { Validation = 0.1 });
        Assert.Equal((1_003_854, 111_540, 65 + 1), (corpus.Training.Length, corpus.Validation!.Length, corpus.Vocabulary.Count));
    }
}

using CsCheck;
using Unroll.Data.Tokens;
using Xunit;

namespace Unroll.Tests.Data.Tokens;

public class TokenReaderTests
{
    [Fact]
    public void ReadsWhatTheCorpusReads() =>
        Gen.Select(Texts.Unicode, Gen.Enum<TokenKind>(), Gen.Enum<Cleaning>(), Gen.Int[1, 9].Array[1, 3]).Sample((text, kind, clean, portions) =>
        {
            text = "ab" + text;
            Corpus corpus = Corpus.Load(TextSource.FromString(text), new TextOptions { Tokens = kind, Clean = clean });
            using var reader = new TokenReader(TextSource.FromString(text), corpus.Vocabulary);
            Assert.Equal(CorpusTests.All(corpus.Training), Texts.Drain(reader.Read, portions));
            Assert.Equal((corpus.Characters, 0), (reader.Characters, reader.Unknown));
            Assert.Equal(0, reader.Read(new int[5]));
        });

    [Fact]
    public void UnknownTokensAreCountedAndNamed()
    {
        Vocabulary vocabulary = Corpus.Load(TextSource.FromString("ab")).Vocabulary;
        using var reader = new TokenReader(TextSource.FromString("aéb時é😀é時"), vocabulary);
        Assert.Equal([1, 0, 2, 0, 0, 0, 0, 0], Texts.Drain(reader.Read, 3));
        Assert.Equal((8, 6, 1 + 2 + 1 + 3 + 2 + 4 + 2 + 3), (reader.Characters, reader.Unknown, reader.Bytes));
        Assert.Equal([("é", 3L), ("時", 2L), ("😀", 1L)], reader.CommonestUnknown(20));
        Assert.Equal([("é", 3L), ("時", 2L)], reader.CommonestUnknown(2));
    }

    [Fact]
    public void TotalsCanLeaveOutTheFirstToken()
    {
        Vocabulary vocabulary = Corpus.Load(TextSource.FromString("ab")).Vocabulary;
        using var reader = new TokenReader(TextSource.FromString("時aé時"), vocabulary);
        Assert.Equal(1, reader.Read(new int[1]));
        Assert.Equal((1, 3, 1), (reader.Characters, reader.Bytes, reader.Unknown));
        reader.ResetTotals();
        Assert.Empty(reader.CommonestUnknown(20));
        Assert.Equal([1, 0, 0], Texts.Drain(reader.Read, 10));
        Assert.Equal((3, 6, 2), (reader.Characters, reader.Bytes, reader.Unknown));
        Assert.Equal([("é", 1L), ("時", 1L)], reader.CommonestUnknown(20));
    }

    [Fact]
    public void ACleanedWordCountsTheSpaceBeforeIt()
    {
        var options = new TextOptions { Tokens = TokenKind.Word, Clean = Cleaning.Textbook };
        using var reader = new TokenReader(TextSource.FromString("The time machine"), Vocabulary.Build(["the", "time"], options));
        Assert.Equal(1, reader.Read(new int[1]));
        Assert.Equal(3, reader.Characters);
        reader.ResetTotals();
        Assert.Equal([2, 0], Texts.Drain(reader.Read, 10));
        Assert.Equal((" time machine".Length, " time machine".Length), (reader.Characters, reader.Bytes));
        Assert.Equal([("machine", 1L)], reader.CommonestUnknown(20));
    }

    [Fact]
    public void MemoryForUnknownTokensIsBounded()
    {
        Vocabulary vocabulary = Vocabulary.Build(["a"], new TextOptions { Tokens = TokenKind.Word });
        var known = new KnownTokens(vocabulary);
        for (int i = 0; i < KnownTokens.Limit + 10; i++)
            Assert.Equal(0, known.Find($"w{i}"));
        Assert.Equal(0, known.Find("w7"));
        Assert.Equal(KnownTokens.Limit + 11, known.Unknown);
        Assert.Equal(KnownTokens.Limit, known.Commonest(int.MaxValue).Count);
        Assert.Equal(("w7", 2L), known.Commonest(1)[0]);
    }

    [Fact]
    public void AnInvalidTextStopsWithItsOffset()
    {
        using var reader = new TokenReader(TextSource.FromStream(new MemoryStream([0x61, 0xFF]), "s"), Vocabulary.Build(["a"]));
        Assert.Contains("offset 1", Assert.Throws<UnrollException>(() => Texts.Drain(reader.Read, 10)).Message);
    }

    [Fact]
    public void DisposingClosesTheFile()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a.txt", new string('a', 100_000));
        var reader = new TokenReader(TextSource.FromPaths([path]), Vocabulary.Build(["a"]));
        Assert.Equal(10, reader.Read(new int[10]));
        reader.Dispose();
        using var exclusive = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }
}

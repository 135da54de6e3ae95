using CsCheck;
using Unroll.Data.Tokens;
using Xunit;

namespace Unroll.Tests.Data.Tokens;

public class VocabularyTests
{
    [Fact]
    public void OrderIsUnknownReservedThenByCountThenFirstSeen()
    {
        Vocabulary vocabulary = Vocabulary.Build("b a c a d b e".Split(' '), reserved: ["<pad>", "e"]);
        Assert.Equal(["<unk>", "<pad>", "e", "b", "a", "c", "d"], vocabulary.Tokens);
        Assert.Equal(4, vocabulary["a"]);
        Assert.Equal(0, vocabulary["z"]);
        Assert.Equal("c", vocabulary[5]);
        Assert.Equal(7, vocabulary.Count);
    }

    [Fact]
    public void OrderIsThatOfAStableSort() => Gen.Int[0, 12].Select(n => n.ToString()).Array[0, 80].Sample(tokens =>
    {
        string[] expected = [.. tokens.GroupBy(token => token)
            .OrderByDescending(group => group.Count()).ThenBy(group => Array.IndexOf(tokens, group.Key)).Select(group => group.Key)];
        Assert.Equal(["<unk>", .. expected], Vocabulary.Build(tokens).Tokens);
    });

    [Fact]
    public void RareTokensAreUnknown()
    {
        Assert.Equal(["<unk>", "a", "b"], Vocabulary.Build(["a", "b", "c", "b", "a"], minCount: 2).Tokens);
        Vocabulary vocabulary = Corpus.Load(TextSource.FromString("abcab"), options: new CorpusOptions { MinCount = 2 }).Vocabulary;
        Assert.Equal(["<unk>", "a", "b"], vocabulary.Tokens);
        Assert.Equal([1, 0, 2], vocabulary.Encode("acb"));
        Assert.Equal("a<unk>b", vocabulary.Decode([1, 0, 2]));
    }

    [Fact]
    public void EncodingAndDecodingAnyStringGivesBackWhatReadingMakesOfIt() => Gen.Select(Texts.AnyString, Gen.Enum<TokenKind>()).Sample((text, kind) =>
    {
        string expected = Texts.AsRead(text);
        if (expected.Length == 0)
            return;
        Vocabulary vocabulary = Corpus.Load(TextSource.FromString(text), new TextOptions { Tokens = kind }).Vocabulary;
        int[] ids = vocabulary.Encode(text);
        Assert.Equal(expected, vocabulary.Decode(ids));
        Assert.DoesNotContain(0, ids);
        Assert.Equal(ids, vocabulary.Encode(vocabulary.Decode(ids).Replace("\r\n", "\r\r\n")));
    });

    [Fact]
    public void AVocabularyOfBytesKnowsEveryText() => Texts.AnyString.Sample(text =>
    {
        Vocabulary vocabulary = Corpus.Load(TextSource.FromString("time"), new TextOptions { Tokens = TokenKind.Byte }, new CorpusOptions { MinCount = 5 }).Vocabulary;
        Assert.Equal(257, vocabulary.Count);
        Assert.Equal(Texts.AsRead(text), vocabulary.Decode(vocabulary.Encode(text)));
    });

    [Fact]
    public void BytesNotSeenFollowInByteOrder()
    {
        Vocabulary vocabulary = Corpus.Load(TextSource.FromString("baa"), new TextOptions { Tokens = TokenKind.Byte }).Vocabulary;
        Assert.Equal(["<unk>", "<0x61>", "<0x62>", "<0x00>", "<0x01>"], vocabulary.Tokens.Take(5));
        Assert.Equal("<0xFF>", vocabulary.Tokens[^1]);
        Assert.Equal([1, 2], vocabulary.Encode("ab"));
    }

    [Fact]
    public void CleanedWordsAreJoinedByOneSpace()
    {
        var options = new TextOptions { Tokens = TokenKind.Word, Clean = Cleaning.Textbook };
        Vocabulary vocabulary = Corpus.Load(TextSource.FromString("The time--machine."), options).Vocabulary;
        Assert.Equal([1, 2, 0, 3], vocabulary.Encode(" THE Time, new\nmachine "));
        Assert.Equal("the time <unk> machine", vocabulary.Decode([1, 2, 0, 3]));
    }

    [Fact]
    public void EncodingUnderTextbookCleaningKeepsTheEnds()
    {
        Vocabulary vocabulary = Corpus.Load(TextSource.FromString("a b"), new TextOptions { Clean = Cleaning.Textbook }).Vocabulary;
        Assert.Equal(" a b ", vocabulary.Decode(vocabulary.Encode(". A, B\t")));
    }

    [Fact]
    public void EveryTextReadsAsItWasCountedIn() => Gen.Select(Texts.Unicode, Gen.Enum<TokenKind>().Where(kind => kind != TokenKind.Bpe), Gen.Enum<Cleaning>()).Sample((text, kind, clean) =>
    {
        var options = new TextOptions { Tokens = kind, Clean = clean };
        if (Tokens(text, options) is not { Length: > 0 } tokens)
            return;
        Corpus corpus = Corpus.Load(TextSource.FromString(text), options);
        Assert.Equal(Vocabulary.Build(tokens, options).Tokens, corpus.Vocabulary.Tokens);
        Assert.Equal(tokens.Select(token => corpus.Vocabulary[token]), CorpusTests.All(corpus.Training));
    });

    [Theory]
    [InlineData("first token", "a", "b")]
    [InlineData("first token")]
    [InlineData("same", "<unk>", "a", "b", "a")]
    [InlineData("same", "<unk>", "<unk>")]
    [InlineData("missing", "<unk>", null)]
    public void ADamagedListIsASentence(string says, params string?[] tokens) =>
        Assert.Contains(says, Assert.Throws<UnrollException>(() => new Vocabulary(tokens!, new TextOptions())).Message);

    [Fact]
    public void AReservedTokenGivenTwiceIsASentence()
    {
        Assert.Throws<UnrollException>(() => Vocabulary.Build(["a"], reserved: ["<pad>", "<pad>"]));
        Assert.Throws<UnrollException>(() => Vocabulary.Build(["a"], reserved: ["<unk>"]));
    }

    [Fact]
    public void AnIdBeyondTheVocabularyIsRefused()
    {
        Vocabulary vocabulary = Vocabulary.Build(["a"]);
        Assert.Throws<ArgumentOutOfRangeException>(() => vocabulary[2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => vocabulary[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => vocabulary.Decode([2]));
    }

    private static string[] Tokens(string text, TextOptions options)
    {
        var seen = new NewTokens();
        using var stream = new TokenStream(TextSource.FromString(text).Read(), Tokenization.Of(options), seen);
        return [.. Texts.Drain(stream.Read, 100).Select(number => seen.Tokens[number - 1])];
    }
}

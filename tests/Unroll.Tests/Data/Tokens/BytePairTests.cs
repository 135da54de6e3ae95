using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Unroll.Data;
using Unroll.Data.Tokens;
using Unroll.Tests.Data.Sources;
using Xunit;

namespace Unroll.Tests.Data.Tokens;

/// <summary>Byte-pair encoding: learning it, encoding with it, and what it promises of every text.</summary>
public class BytePairTests
{
    private static readonly TextOptions Bpe = new() { Tokens = TokenKind.Bpe };

    // Few different characters, so that pairs repeat and overlap.
    private static readonly Gen<string> Repetitive = Gen.OneOf(
        Gen.OneOf("a", "a", "b", " ", "é", "時", "\n", "'").List[0, 80].Select(string.Concat),
        Texts.Unicode.Select(text => text + text + text));

    [Fact]
    public void WordsAreThoseOfGpt2sPatternHoweverTheTextArrives() => Gen.Select(Gen.OneOf(Texts.Unicode, Apostrophes), Gen.Int[1, 7].Array[1, 4]).Sample((text, sizes) =>
    {
        text = Texts.AsRead(text);
        Assert.Equal(NaiveBytePairs.Cut(text), Words(text, sizes));
    }, iter: 2000);

    [Theory]
    [InlineData("It's we'll  don't", "It|'s| we|'ll| | don|'t")]
    [InlineData("'real 'r 're 'rest", "'re|al| '|r| '|re| '|rest")]
    [InlineData("'r", "'|r")]
    [InlineData("a \n\n b\t\tc  ", "a| \n\n| b|\t|\t|c|  ")]
    [InlineData("x=12.5, y²!", "x|=|12|.|5|,| y|²|!")]
    [InlineData("時光機，說。 時", "時光機|，|說|。| 時")]
    [InlineData("हिन्दी", "ह|ि|न|्|द|ी")] // as in GPT-2, a mark is no letter
    [InlineData("𠀀𠀁 𝟙😀", "𠀀𠀁| 𝟙|😀")]
    public void WordsOfTexts(string text, string expected)
    {
        foreach (int size in new[] { 1, 2, 100 })
            Assert.Equal(expected, string.Join('|', Words(text, [size])));
    }

    [Fact]
    public void ItLearnsAndEncodesAsTheNaiveOneDoes() => Gen.Select(Repetitive, Repetitive, Gen.Int[257, 300]).Sample((text, other, size) =>
    {
        (text, other) = (Texts.AsRead(text).Replace('\r', '\t'), Texts.AsRead(other).Replace('\r', '\t')); // read again, they stay as they are
        var naive = NaiveBytePairs.Learn(text, size);
        var table = new BytePairTable(Learn(text, size));
        Assert.Equal(naive.Merges, Enumerable.Range(257, table.Count - 257).Select(table.Pair));
        var vocabulary = new Vocabulary(Learn(text, size), Bpe);
        Assert.Equal(naive.Encode(other), vocabulary.Encode(other));
        Assert.Equal(naive.Encode(text), vocabulary.Encode(text));
    }, iter: 1000);

    [Fact]
    public void EveryTextComesBackWhateverWasLearned() => Gen.Select(Repetitive, Texts.AnyString).Sample((text, other) =>
    {
        var vocabulary = new Vocabulary(Learn(Texts.AsRead(text), 290), Bpe);
        int[] ids = vocabulary.Encode(other);
        Assert.Equal(Texts.AsRead(other), vocabulary.Decode(ids));
        Assert.DoesNotContain(Vocabulary.UnknownId, ids);
        // Character by character as it is completed: never half of one.
        var decoder = new TokenDecoder(vocabulary);
        string[] pieces = [.. ids.Select(decoder.Append)];
        Assert.Equal("", decoder.Flush());
        Assert.All(pieces, piece => Assert.True(piece.Length == 0 || (!char.IsLowSurrogate(piece[0]) && !char.IsHighSurrogate(piece[^1]))));
        Assert.Equal(Texts.AsRead(other).Count(c => c == '\uFFFD'), string.Concat(pieces).Count(c => c == '\uFFFD'));
    });

    [Fact]
    public void TokensAreSpelledAsTextWhereTheyAreText() => Gen.Byte.Array[1, 12].Sample(bytes =>
    {
        string spelled = ByteToken.Spell(bytes);
        Assert.Equal(bytes, ByteToken.Read(spelled));
        if (Encoding.UTF8.GetString(bytes) is string text && !text.Contains('\uFFFD'))
            Assert.Equal(text, spelled);
    });

    [Fact]
    public void TiesGoToTheSmallerIds()
    {
        // Each of these pairs stands twice: "ab" before "cb" before "cd", by their bytes.
        Assert.Equal(["ab", "cb", "cd"], Learn("ab,cd,cb,ab.cd.cb", 300)[257..]);
        Assert.Equal(["aa", "aaaa"], Learn("aaaa,aaaa", 300)[257..]);
        Assert.Equal([" a", " ab"], Learn(" ab ab", 300)[257..]);
    }

    [Fact]
    public void MergesOfAKnownTextAreTheSameEverywhereAndAlways()
    {
        string text = string.Concat(Enumerable.Range(0, 2000).Select(i => $"line {i * i % 97} of naïve 時光機 and {i % 7} more’s 😀\n"));
        IReadOnlyList<string> tokens = Learn(text, 400);
        Assert.Equal([" naïve", " 時光機"], tokens.Where(token => token is " naïve" or " 時光機").Order(StringComparer.Ordinal));
        // Computed once, and written down: a run is resumed with a later version too.
        Assert.StartsWith("75cb194548573c1c72406eae915aec04c3cc08f3952bee184c", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', tokens)))));
    }

    [Fact]
    public void LongRunsAreCutAndQuicklyEncoded()
    {
        string text = string.Concat(Enumerable.Repeat("abc時", 20_000)); // one word, as far as letters go
        var vocabulary = new Vocabulary(Learn(text, 400), Bpe);
        int[] ids = vocabulary.Encode(text);
        Assert.Equal(text, vocabulary.Decode(ids));
        Assert.True(ids.Length < text.Length / 100);
        Assert.All(Words(text, [1000]), word => Assert.InRange(word.Length, 1, Tokenizer.LongestToken));
        Assert.All(vocabulary.Tokens, token => Assert.InRange(token.Length, 1, Tokenizer.LongestToken));
    }

    [Fact]
    public void MergesAreLearnedFromTheTrainingPartAlone()
    {
        string training = string.Concat(Enumerable.Repeat("the time machine ", 90));
        string validation = string.Concat(Enumerable.Repeat("zzyzx zzyzx xyzzy", 10));
        Corpus corpus = Corpus.Load(TextSource.FromString(training + validation), Bpe, new CorpusOptions { Validation = 0.1 });
        Assert.DoesNotContain(corpus.Vocabulary.Tokens.Skip(257), token => token.Contains('z'));
        Assert.Equal(validation, corpus.Vocabulary.Decode(CorpusTests.All(corpus.Validation!)));
        Assert.Equal((validation.Length, validation.Length), (corpus.ValidationCharacters, corpus.ValidationBytes));
        Assert.Equal(NaiveBytePairs.Learn(training, 4096).Merges.Count, corpus.Vocabulary.Count - 257);
        Assert.Contains(Corpus.Load(TextSource.FromString(training + validation), Bpe).Vocabulary.Tokens, token => token.Contains("zz"));
    }

    [Fact]
    public void ACorpusIsTheTextWhereverItComesFrom() => Gen.Select(Texts.Unicode, Gen.Enum<Cleaning>(), Gen.Int[1, 40]).Sample((text, clean, size) =>
    {
        text = string.Concat(Enumerable.Repeat(text + " some time, a machine ", 3));
        var options = new TextOptions { Tokens = TokenKind.Bpe, Clean = clean };
        var part = new CorpusOptions { Validation = 0.2, VocabularySize = 280 };
        Corpus corpus = Corpus.Load(TextSource.FromString(text), options, part);
        Corpus streamed = Corpus.Load(TextSource.FromStream(new TrickleStream(Encoding.UTF8.GetBytes(text), size), "a stream"), options, part);
        Assert.Equal(corpus.Fingerprint, streamed.Fingerprint);
        Assert.InRange(corpus.Vocabulary.Count, 257, 280);
        int[] ids = [.. CorpusTests.All(corpus.Training), .. CorpusTests.All(corpus.Validation!)];
        if (clean == Cleaning.None)
            Assert.Equal(ids, Texts.AsRead(text).Length == 0 ? [] : corpus.Vocabulary.Encode(text));
        string whole = corpus.Vocabulary.Decode(ids);
        Assert.Equal(whole.EnumerateRunes().Count(), corpus.Characters);
        // As many whole tokens as fit into four fifths of the characters.
        long learned = (long)(corpus.Characters * 0.8m);
        Assert.InRange(corpus.Characters - corpus.ValidationCharacters, learned - 40, learned);
        Assert.Equal(0, corpus.Counts[Vocabulary.UnknownId]);
    }, iter: 300);

    [Fact]
    public void AVocabularyOfAnotherTextEncodesThisOne()
    {
        Vocabulary vocabulary = Corpus.Load(TextSource.FromString("the time the time the time"), Bpe).Vocabulary;
        Corpus corpus = Corpus.Load(TextSource.FromString("the 時 time"), vocabulary: vocabulary);
        Assert.Same(vocabulary, corpus.Vocabulary);
        Assert.Equal("the 時 time", vocabulary.Decode(CorpusTests.All(corpus.Training)));
        Assert.Equal(corpus.Counts.Sum(), corpus.Training.Length);
        Corpus other = Corpus.Load(TextSource.FromString("the time"), Bpe, validation: TextSource.FromString("時 the"));
        Assert.Equal("時 the", other.Vocabulary.Decode(CorpusTests.All(other.Validation!)));
        Assert.Equal((5, 7), (other.ValidationCharacters, other.ValidationBytes));
    }

    [Fact]
    public void ATextOfFewPairsHasASmallVocabularyAndSaysSo()
    {
        Corpus corpus = Corpus.Load(TextSource.FromString("ab ab"), Bpe);
        Assert.Equal(["ab"], corpus.Vocabulary.Tokens.Skip(257));
        Assert.Equal("The text fills a vocabulary of 258 tokens, not 4096: after that no pair occurs twice in it.", corpus.Notice);
        Assert.Null(Corpus.Load(TextSource.FromString("ab ab"), Bpe, new CorpusOptions { VocabularySize = 258 }).Notice);
    }

    [Fact]
    public void StatisticsAreOfTheTokensThatAreLearned()
    {
        TextStatistics statistics = TextStatistics.Measure(TextSource.FromString("the the the"), Bpe, vocabularySize: 259);
        Assert.Equal((1 + 2 + 2, 11, 11, 259), ((int)statistics.Tokens, (int)statistics.Characters, (int)statistics.Bytes, statistics.Vocabulary.Count));
        Assert.Equal(["he", "the"], statistics.Vocabulary.Tokens.Skip(257));
    }

    [Theory]
    [InlineData(256, "must be from 257")]
    [InlineData(65_537, "to 65536")]
    public void ASizeOutOfBoundsIsASentence(int size, string says) => Assert.Contains(says, Assert.Throws<OptionsException>(() =>
        Corpus.Load(TextSource.FromString("abc"), Bpe, new CorpusOptions { VocabularySize = size })).Message);

    [Fact]
    public void ASizeOfCharactersIsASentence()
    {
        OptionsException exception = Assert.Throws<OptionsException>(() => Corpus.Load(TextSource.FromString("abc"), options: new CorpusOptions { VocabularySize = 500 }));
        Assert.Equal("VocabularySize is for byte pairs, but the text's tokens are characters: choose byte pairs (bpe) for Tokens, or leave it out.", exception.Message);
    }

    [Fact]
    public void NothingIsStillNothingToLearnFrom()
    {
        Assert.Contains("nothing in the text", Assert.Throws<UnrollException>(() => Corpus.Load(TextSource.FromString(""), Bpe)).Message);
        Assert.Contains("cleaning", Assert.Throws<UnrollException>(() => Corpus.Load(TextSource.FromString("時"), Bpe with { Clean = Cleaning.Textbook })).Message);
    }

    [Theory]
    [InlineData("token 1", "<unk>", "a")]
    [InlineData("token 257 of its byte pairs", "+", "")]
    [InlineData("token 257 of its byte pairs", "+", "abc")] // of three
    [InlineData("token 258 of its byte pairs", "+", "ab", "abcd")]
    [InlineData("token 257 of its byte pairs", "+", "<0xC3><0xA9>")] // which is é
    [InlineData("are the same", "+", "a")]
    [InlineData("are the same", "+", "ab", "ab")]
    public void ADamagedListIsASentence(string says, params string[] tokens)
    {
        if (tokens[0] == "+")
            tokens = [.. BytePairTable.BaseTokens, .. tokens[1..]];
        Assert.Contains(says, Assert.Throws<UnrollException>(() => new Vocabulary(tokens, Bpe)).Message);
    }

    [Fact]
    public void ATokenLongerThanAnyWordIsASentence()
    {
        var tokens = new List<string>(BytePairTable.BaseTokens) { "aa" };
        while (tokens[^1].Length < 4096)
            tokens.Add(tokens[^1] + tokens[^1]);
        Assert.Contains("token 268 of its byte pairs", Assert.Throws<UnrollException>(() => new Vocabulary(tokens, Bpe)).Message);
    }

    [Fact]
    public void BytePairsHaveNoReservedTokens() =>
        Assert.Contains("no reserved", Assert.Throws<UnrollException>(() => Vocabulary.Build(["a"], Bpe, ["<pad>"])).Message);

    [Fact]
    public void LearningCanBeStopped() => Assert.ThrowsAny<OperationCanceledException>(() =>
        Corpus.Load(TextSource.FromString("the time the time"), Bpe, cancellationToken: new CancellationToken(canceled: true)));

    private static readonly Gen<string> Apostrophes = Gen.OneOf("'", "'", "s", "re", "ve", "r", "l", "ll", " ", "x", "S", "1", "!").List[0, 12].Select(string.Concat);

    private static string[] Learn(string text, int size)
    {
        var learner = new BytePairLearner();
        learner.Add(text);
        learner.End();
        return [.. learner.Learn(size)];
    }

    private static string[] Words(string text, int[] sizes)
    {
        var cutter = new PreTokenizer();
        var words = new List<string>();
        foreach (ReadOnlyMemory<char> piece in Texts.Cut(text, sizes))
        {
            int used = 0;
            while (cutter.TryRead(piece.Span, ref used, out ReadOnlySpan<char> word))
                words.Add(word.ToString());
            Assert.Equal(piece.Length, used);
        }
        while (cutter.TryFinish(out ReadOnlySpan<char> last))
            words.Add(last.ToString());
        return [.. words];
    }
}

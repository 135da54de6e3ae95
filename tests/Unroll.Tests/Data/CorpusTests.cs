using System.Text;
using CsCheck;
using Unroll.Tests.Data.Sources;
using Xunit;

namespace Unroll.Tests.Data;

public class CorpusTests
{
    private static readonly TextOptions CleanWords = new() { Tokens = TokenKind.Word, Clean = Cleaning.Textbook };

    [Fact]
    public void TheVocabularyIsTheWholeTextsAndTheIdsAreCutAfterwards()
    {
        Corpus corpus = Corpus.Load(TextSource.FromString("abcaab", "letters"), options: new CorpusOptions { MaxTokens = 3 });
        Assert.Equal(["<unk>", "a", "b", "c"], corpus.Vocabulary.Tokens);
        Assert.Equal([1, 2, 3], All(corpus.Training));
        Assert.Equal([0, 3, 2, 1], corpus.Counts);
        Assert.Equal(6, corpus.Characters);
        Assert.Null(corpus.Validation);
        Assert.Equal("letters", corpus.Name);
        Assert.Equal(3, corpus.Options.MaxTokens);
    }

    [Theory]
    [InlineData(100, 0.1, 90)]
    [InlineData(20, 0.9, 2)] // in binary, 20 * (1 - 0.9) is less than 2
    [InlineData(1115394, 0.1, 1003854)] // the standard split of tiny-shakespeare
    [InlineData(100_000, 0.29, 71_000)]
    public void ValidationIsTheLastPart(int length, double fraction, int training)
    {
        Corpus corpus = Corpus.Load(TextSource.FromString(new string('a', length - 3) + "bcd"), options: new CorpusOptions { Validation = fraction });
        Assert.Equal(training, corpus.Training.Length);
        Assert.Equal(length - training, corpus.Validation!.Length);
        Assert.Equal(length - training, corpus.ValidationCharacters);
        Assert.Equal([2, 3, 4], All(corpus.Validation)[^3..]);
    }

    [Fact]
    public void ValidationCharactersAreTheTexts() => Gen.Select(Texts.Unicode, Gen.Enum<TokenKind>().Where(kind => kind != TokenKind.Bpe), Gen.Enum<Cleaning>(), Gen.Int[0, 2]).Sample((text, kind, clean, minCount) =>
    {
        var options = new TextOptions { Tokens = kind, Clean = clean };
        text += " some time, some machine 時光機";
        Corpus corpus = Corpus.Load(TextSource.FromString(text), options, new CorpusOptions { MinCount = minCount, Validation = 0.4 });
        Corpus whole = Corpus.Load(TextSource.FromString(text), options);
        var decoder = new TokenDecoder(whole.Vocabulary);
        int[] ids = All(whole.Training);
        string[] pieces = [.. ids.Select(decoder.Append)];
        Assert.Equal(string.Concat(pieces).EnumerateRunes().Count(), whole.Characters);
        if (kind != TokenKind.Byte)
            Assert.Equal(string.Concat(pieces[(int)corpus.Training.Length..]).EnumerateRunes().Count(), corpus.ValidationCharacters);
        else
            Assert.Equal(ids[(int)corpus.Training.Length..].Count(id => whole.Vocabulary[id][3] is not ('8' or '9' or 'A' or 'B')), corpus.ValidationCharacters);
    });

    [Fact]
    public void ValidationMayBeATextOfItsOwn()
    {
        Corpus corpus = Corpus.Load(TextSource.FromString("abab"), options: new CorpusOptions { MaxTokens = 3 }, validation: TextSource.FromString("bz😀ab"));
        Assert.Equal([1, 2, 1], All(corpus.Training));
        Assert.Equal([2, 0, 0, 1, 2], All(corpus.Validation!));
        Assert.Equal(5, corpus.ValidationCharacters);
        Assert.Equal(3, corpus.Vocabulary.Count);
        Assert.Equal(4, corpus.Characters);
    }

    [Fact]
    public void AVocabularyMayBeGiven()
    {
        Vocabulary vocabulary = Vocabulary.Build(["c", "b"]);
        Corpus corpus = Corpus.Load(TextSource.FromString("abcz"), vocabulary: vocabulary);
        Assert.Same(vocabulary, corpus.Vocabulary);
        Assert.Equal([0, 2, 1, 0], All(corpus.Training));
        Assert.Equal([2, 1, 1], corpus.Counts);
        Assert.Equal(new CorpusOptions(), corpus.Options);
        Corpus split = Corpus.Load(TextSource.FromString("the time machine stood"), CleanWords, new CorpusOptions { Validation = 0.5 }, vocabulary: Vocabulary.Build(["time"], CleanWords));
        Assert.Equal([0, 0], All(split.Validation!));
        Assert.Equal(" machine stood".Length, split.ValidationCharacters);
    }

    [Fact]
    public void AModelsVocabularyBringsNoneOfItsTrainingsLimits()
    {
        Corpus learned = Corpus.Load(TextSource.FromString("abcabcabc"), options: new CorpusOptions { MaxTokens = 4, MinCount = 3, Validation = 0.5 });
        Corpus other = Corpus.Load(TextSource.FromString("cbacbacba"), validation: TextSource.FromString("abc"), vocabulary: learned.Vocabulary);
        Assert.Equal(9, other.Training.Length);
        Assert.Equal(3, other.Validation!.Length);
    }

    [Fact]
    public void StandardInputIsReadOnce()
    {
        TextSource source = TextSource.FromStream(new MemoryStream(Encoding.UTF8.GetBytes("abc abc")), "standard input");
        Corpus corpus = Corpus.Load(source, options: new CorpusOptions { Validation = 0.3 });
        Assert.Equal((4, 3), (corpus.Training.Length, corpus.Validation!.Length));
    }

    [Fact]
    public void ALongTextPassesEverySegment()
    {
        string text = string.Concat(Enumerable.Range(0, 70_000).Select(n => (char)('a' + (n % 7)))) + "zz";
        Corpus corpus = Corpus.Load(TextSource.FromString(text), options: new CorpusOptions { Validation = 0.5 });
        string decoded = corpus.Vocabulary.Decode(All(corpus.Training)) + corpus.Vocabulary.Decode(All(corpus.Validation!));
        Assert.Equal(text, decoded);
    }

    [Fact]
    public void TheFingerprintChangesWithIdsSplitAndVocabulary()
    {
        string[] fingerprints =
        [
            Corpus.Load(TextSource.FromString("abab")).Fingerprint,
            Corpus.Load(TextSource.FromString("abba")).Fingerprint,
            Corpus.Load(TextSource.FromString("acac")).Fingerprint,
            Corpus.Load(TextSource.FromString("abab"), options: new CorpusOptions { Validation = 0.5 }).Fingerprint,
            Corpus.Load(TextSource.FromString("ab"), validation: TextSource.FromString("ba")).Fingerprint,
            Corpus.Load(TextSource.FromString("abab"), options: new CorpusOptions { MaxTokens = 2 }).Fingerprint,
        ];
        Assert.Distinct(fingerprints);
        Assert.All(fingerprints, fingerprint => Assert.Matches("^[0-9a-f]{64}$", fingerprint));
        Assert.Equal(fingerprints[0], Corpus.Load(TextSource.FromStream(new TrickleStream("abab"u8.ToArray(), 1), "another")).Fingerprint);
        // Computed elsewhere from the definition, and written down: a run is resumed with a later version too.
        Assert.Equal("3f5eb4c78069859a9b62a72dca65caa09f7e0ec76ad98c1b387926862c738148", fingerprints[0]);
    }

    [Fact]
    public void NothingToLearnFromIsASentence()
    {
        Assert.Contains("nothing in the text", Message("", null));
        Assert.Contains("nothing in the text", Message("\uFEFF", null));
        Assert.Contains("cleaning", Message("時光 2026", new TextOptions { Clean = Cleaning.Textbook }));
        Assert.Contains("cleaning", Message("42", CleanWords));
        Assert.Contains("3 tokens", Message("abc", options: new CorpusOptions { Validation = 0.5 }));
        Assert.Contains("too few", Message("abcdefghij", options: new CorpusOptions { Validation = 0.05 }));
        Assert.Contains("too short", Assert.Throws<UnrollException>(() => Corpus.Load(TextSource.FromString("abc"), validation: TextSource.FromString("a"))).Message);
    }

    [Fact]
    public void OptionsThatMakeNoSenseAreSentences()
    {
        Assert.Contains("-1", Message("abc", options: new CorpusOptions { MaxTokens = -1 }));
        Assert.Contains("-2", Message("abc", options: new CorpusOptions { MinCount = -2 }));
        Assert.Contains("fraction", Message("abc", options: new CorpusOptions { Validation = 1 }));
        Assert.Contains("fraction", Message("abc", options: new CorpusOptions { Validation = -0.1 }));
        Assert.Contains("fraction", Message("abc", options: new CorpusOptions { Validation = double.NaN }));
        Assert.Contains("Tokens must be", Message("abc", new TextOptions { Tokens = (TokenKind)9 }));
        Assert.Contains("Clean must be", Message("abc", new TextOptions { Clean = (Cleaning)9 }));
        Assert.Contains("twice", Assert.Throws<OptionsException>(() =>
            Corpus.Load(TextSource.FromString("abc"), options: new CorpusOptions { Validation = 0.1 }, validation: TextSource.FromString("abc"))).Message);
        Assert.Contains("words after the textbook's cleaning", Assert.Throws<UnrollException>(() =>
            Corpus.Load(TextSource.FromString("abc"), new TextOptions(), vocabulary: Vocabulary.Build(["a"], CleanWords))).Message);
    }

    internal static int[] All(TokenIds ids)
    {
        int[] all = new int[ids.Length];
        ids.Read(0, all);
        return all;
    }

    private static string Message(string text, TextOptions? read = null, CorpusOptions? options = null) =>
        Assert.ThrowsAny<UnrollException>(() => Corpus.Load(TextSource.FromString(text), read, options)).Message;
}

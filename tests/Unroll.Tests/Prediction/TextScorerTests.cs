using Unroll.Tests.Generation;
using Xunit;

namespace Unroll.Tests.Prediction;

public class TextScorerTests
{
    [Theory]
    [InlineData(CellKind.Rnn, 0, TokenKind.Character)]
    [InlineData(CellKind.Gru, 12, TokenKind.Byte)]
    [InlineData(CellKind.Lstm, 0, TokenKind.Word)]
    [InlineData(CellKind.Cifg, 8, TokenKind.Bpe)]
    public void EachTextScoresAsItDoesAlone(CellKind cell, int embedding, TokenKind tokens)
    {
        LanguageModel model = Models.Create(cell, new TextOptions { Tokens = tokens }, embedding: embedding);
        string[] texts = Texts(150);
        using var alone = new TextScorer(model, threads: 1);
        TextScore[] expected = [.. texts.Select(alone.Score)];
        foreach (int threads in (int[])[1, 2, 5])
        {
            using var together = new TextScorer(model, threads);
            Assert.Equal(expected, together.Score(texts, cancellationToken: TestContext.Current.CancellationToken));
            Assert.Equal(expected.Reverse(), together.Score([.. texts.Reverse()], cancellationToken: TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void AScoreIsTheSumOfThePredictorsLosses()
    {
        LanguageModel model = Models.Create();
        using var scorer = new TextScorer(model, threads: 1);
        using var predictor = new TextPredictor(model, threads: 1);
        foreach (string text in Texts(20))
        {
            predictor.Reset();
            Assert.Equal(predictor.Score(text).Sum(token => (double)token.Loss), scorer.Score(text).TotalLoss);
        }
    }

    [Fact]
    public void TheFirstTokenFollowsALineBreak()
    {
        using var scorer = new TextScorer(CraftedModel.Spelling("\nabc"), threads: 1);
        Assert.InRange(scorer.Score("abc").Loss, 0, 1e-6);
        Assert.InRange(scorer.Score("bc").TotalLoss, 10, 1000); // "b" does not begin a line
    }

    [Fact]
    public void CountsAndUnitsAreThoseOfTheText()
    {
        using var scorer = new TextScorer(CraftedModel.Spelling("aé中😀"), threads: 1);
        TextScore score = scorer.Score("a?é中😀?");
        Assert.Equal((6, 6, 1 + 1 + 2 + 3 + 4 + 1, 2), (score.Tokens, score.Characters, score.Bytes, score.Unknown));
        Assert.Equal(score.TotalLoss / 6, score.Loss);
        Assert.Equal(Math.Exp(score.Loss), score.Perplexity, 1e-12);
        Assert.Equal(score.TotalLoss / Math.Log(2) / 6, score.BitsPerCharacter, 1e-9);
        Assert.Equal(score.TotalLoss / Math.Log(2) / 12, score.BitsPerByte, 1e-9);
        Assert.Equal(new TextScore(0, 0, 0, 0, 0), scorer.Score(""));
        Assert.Equal((0.0, 1.0, 0.0, 0.0), (scorer.Score("").Loss, scorer.Score("").Perplexity, scorer.Score("").BitsPerCharacter, scorer.Score("").BitsPerByte));
    }

    [Fact]
    public void CountsAreEachTextsOwnWithCleanedWordsToo()
    {
        LanguageModel model = Models.Create(text: new TextOptions { Tokens = TokenKind.Word, Clean = Cleaning.Textbook });
        using var scorer = new TextScorer(model, threads: 1);
        IReadOnlyList<TextScore> scores = scorer.Score(["The fox!", "  The fox", "strange"], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([(2, 7, 0), (2, 7, 0), (1, 7, 1)], scores.Select(score => (score.Tokens, score.Characters, score.Unknown)));
        Assert.Equal(scores[0], scores[1]);
    }

    [Fact]
    public void ALargeVocabularyIsScoredInShorterWindows()
    {
        Vocabulary vocabulary = new(
            [Vocabulary.UnknownToken, .. Enumerable.Range(0, 9000).Select(i => char.ConvertFromUtf32(0x4E00 + i))], new TextOptions());
        LanguageModel model = LanguageModel.Create(vocabulary, new ModelOptions { HiddenSize = 4, EmbeddingSize = 4 });
        using var scorer = new TextScorer(model, threads: 1);
        string text = string.Concat(Enumerable.Range(0, 50).Select(i => char.ConvertFromUtf32(0x4E00 + (i * 97))));
        using var predictor = new TextPredictor(model, threads: 1);
        Assert.Equal(predictor.Score(text).Sum(token => (double)token.Loss), scorer.Score(text).TotalLoss);
    }

    [Fact]
    public void ProgressComesOnTheCallingThreadAndCancellingThrows()
    {
        using var scorer = new TextScorer(Models.Create(), threads: 2);
        var progress = new Counts();
        scorer.Score(Texts(200), progress, TestContext.Current.CancellationToken);
        Assert.Equal([64, 128, 192, 200], progress.Told);
        Assert.All(progress.Threads, thread => Assert.Equal(Environment.CurrentManagedThreadId, thread));

        using var cancel = new CancellationTokenSource();
        var first = new Counts { Then = cancel.Cancel };
        Assert.Throws<OperationCanceledException>(() => scorer.Score(Texts(200), first, cancel.Token));
        Assert.Equal([64], first.Told);
    }

    [Fact]
    public void OnceDisposedOfItSaysSo()
    {
        var scorer = new TextScorer(Models.Create(), threads: 2);
        scorer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => scorer.Score("a"));
        Assert.Throws<ArgumentNullException>("texts", () => Score([null!]));

        static void Score(string[] texts)
        {
            using var scorer = new TextScorer(Models.Create(), threads: 1);
            scorer.Score(texts);
        }
    }

    // Of lengths from nothing to several windows, in no order.
    private static string[] Texts(int count)
    {
        string all = string.Concat(Enumerable.Repeat(Models.Text, 4)) + "?é";
        return [.. Enumerable.Range(0, count).Select(i => all.Substring(i * 37 % 200, i * 53 % (i % 10 == 0 ? 200 : 45)))];
    }

    private sealed class Counts : IProgress<long>
    {
        public List<long> Told { get; } = [];

        public List<int> Threads { get; } = [];

        public Action? Then { get; init; }

        public void Report(long value)
        {
            Told.Add(value);
            Threads.Add(Environment.CurrentManagedThreadId);
            Then?.Invoke();
        }
    }
}

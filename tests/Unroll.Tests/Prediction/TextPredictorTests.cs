using Unroll.Kernels;
using Unroll.Model;
using Unroll.Tests.Generation;
using Unroll.Tests.Model;
using Xunit;

namespace Unroll.Tests.Prediction;

public class TextPredictorTests
{
    [Theory]
    [InlineData(CellKind.Rnn)]
    [InlineData(CellKind.Gru)]
    [InlineData(CellKind.Lstm)]
    public void ThePredictionIsTheOneAfterTheLastTokenByItsDefinition(CellKind cell)
    {
        LanguageModel model = Models.Create(cell);
        foreach (int threads in (int[])[1, 2, 5])
        {
            using var predictor = new TextPredictor(model, threads);
            using CpuEngine engine = Engines.Make(model, 1, 1, training: false);
            foreach (int id in model.Vocabulary.Encode("\n" + Models.Text))
                engine.Feed(1, [id]);
            predictor.Feed(Models.Text);
            float[] found = LogProbabilities(predictor, model);
            // Each is the negative of the loss that the token would have.
            int last = model.Vocabulary.Encode("\n")[0];
            RecurrentState before = State(model, Models.Text[..^1]);
            float[] loss = new float[1];
            for (int id = 0; id < found.Length; id++)
            {
                engine.SetState(before);
                engine.Evaluate(1, [last], [id], loss);
                Assert.Equal(-loss[0], found[id]);
            }
            Assert.Equal(1, found.Sum(value => Functions.Exp((double)value)), 1e-6);
        }
    }

    [Fact]
    public void PiecesAreReadAsTheWhole()
    {
        LanguageModel model = Models.Create();
        using var whole = new TextPredictor(model, threads: 1);
        using var pieces = new TextPredictor(model, threads: 1);
        string text = string.Concat(Enumerable.Repeat(Models.Text, 3));
        whole.Feed(text);
        for (int i = 0; i < text.Length; i += 7)
            pieces.Feed(text.Substring(i, Math.Min(7, text.Length - i)));
        Assert.Equal(LogProbabilities(whole, model), LogProbabilities(pieces, model));
        pieces.Reset();
        foreach (int id in model.Vocabulary.Encode(text))
            pieces.Feed([id]);
        Assert.Equal(LogProbabilities(whole, model), LogProbabilities(pieces, model));
    }

    [Fact]
    public void AStateBranchesAText()
    {
        LanguageModel model = Models.Create();
        using var predictor = new TextPredictor(model, threads: 1);
        predictor.Feed("some ");
        RecurrentState state = predictor.GetState();
        float[] before = LogProbabilities(predictor, model);
        predictor.Feed("letters");
        float[] after = LogProbabilities(predictor, model);
        Assert.NotEqual(before, after);
        predictor.SetState(state);
        Assert.Equal(before, LogProbabilities(predictor, model));
        using var other = new TextPredictor(model, threads: 1);
        other.SetState(state);
        other.Feed("letters");
        Assert.Equal(after, LogProbabilities(other, model));
    }

    [Fact]
    public void FromAnEmptyStateItExpectsWhatTheGeneratorWrites()
    {
        LanguageModel model = Models.Create(CellKind.Gru);
        using var generator = new TextGenerator(model, threads: 1);
        using var predictor = new TextPredictor(model, threads: 1);
        predictor.SetState(new RecurrentState(model.Options));
        Assert.Equal(generator.Generate("the quick", 25), "the quick" + Continue("the quick"));
        predictor.Reset(); // as after a line break: an empty prefix
        Assert.Equal(generator.Generate("", 25), Continue(""));

        string Continue(string prefix)
        {
            predictor.Feed(prefix);
            string text = "";
            for (int i = 0; i < 25; i++)
            {
                TokenPrediction next = predictor.MostLikely(1)[0];
                text += next.Text;
                predictor.Feed([next.Id]);
            }
            return text;
        }
    }

    [Fact]
    public void TheLikeliestTokensComeFirstAndTheUnknownOneNever()
    {
        LanguageModel model = CraftedModel.Constant(0.1, 0.4, 0.1, 0.3, 0.1);
        model.Parameters["decoder.bias"][0] = 3;
        using var predictor = new TextPredictor(model, threads: 1);
        IReadOnlyList<TokenPrediction> likely = predictor.MostLikely(4);
        Assert.Equal(["b", "d", "a", "c"], likely.Select(token => token.Text));
        Assert.Equal([2, 4, 1, 3], likely.Select(token => token.Id));
        Assert.Equal(4.0 / 3, likely[0].Probability / likely[1].Probability, 1e-5);
        Assert.Equal(5, predictor.MostLikely(100).Count);
        Assert.Empty(predictor.MostLikely(0));
        using var nothing = new TextPredictor(CraftedModel.Chain(CraftedModel.Letters(0), id => 0), threads: 1);
        Assert.Empty(nothing.MostLikely(3));
    }

    [Theory]
    [InlineData(TokenKind.Character, Cleaning.None, "a fox é Xyz\nδ!", "a fox é Xyz\nδ!")]
    [InlineData(TokenKind.Word, Cleaning.None, "the strange fox  é", "the strange fox  é")]
    [InlineData(TokenKind.Byte, Cleaning.None, "é fox 😀", "é fox 😀")]
    [InlineData(TokenKind.Bpe, Cleaning.None, "the strange é fox 😀時", "the strange é fox 😀時")]
    [InlineData(TokenKind.Word, Cleaning.Textbook, "The strange, lazy fox!", "the strange lazy fox")]
    [InlineData(TokenKind.Character, Cleaning.Textbook, "The Fox", "the fox")]
    public void ScoredTokensSpellTheTextAlsoWhereTheModelDoesNotKnowThem(TokenKind tokens, Cleaning cleaning, string text, string spelled)
    {
        LanguageModel model = Models.Create(text: new TextOptions { Tokens = tokens, Clean = cleaning });
        using var predictor = new TextPredictor(model, threads: 1);
        IReadOnlyList<TokenPrediction> scored = predictor.Score(text);
        Assert.Equal(spelled, string.Concat(scored.Select(token => token.Text)));
        Assert.Equal(model.Vocabulary.Encode(text), scored.Select(token => token.Id));
        Assert.All(scored, token => Assert.InRange(token.Probability, 0, 1));
    }

    [Fact]
    public void ScoringATokenIsReadingIt()
    {
        LanguageModel model = Models.Create();
        using var scoring = new TextPredictor(model, threads: 1);
        using var reading = new TextPredictor(model, threads: 1);
        string text = string.Concat(Enumerable.Repeat(Models.Text, 2));
        foreach (int length in (int[])[0, 1, 2, 63, 64, 65, 66, 129])
        {
            IReadOnlyList<TokenPrediction> scored = scoring.Score(text[..length]);
            Assert.Equal(length, scored.Count);
            foreach (TokenPrediction token in scored)
            {
                Assert.Equal(LogProbabilities(reading, model)[token.Id], token.LogProbability);
                reading.Feed([token.Id]);
            }
            Assert.Equal(LogProbabilities(reading, model), LogProbabilities(scoring, model));
        }
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        LanguageModel model = Models.Create();
        using var predictor = new TextPredictor(model, threads: 1);
        Assert.Throws<ArgumentException>("state", () => predictor.SetState(new RecurrentState(model.Options, batch: 2)));
        Assert.Throws<ArgumentException>("state", () => predictor.SetState(new RecurrentState(model.Options with { Layers = 1 })));
        Assert.Throws<ArgumentException>(() => predictor.LogProbabilities(new float[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => predictor.Feed([model.Vocabulary.Count]));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => predictor.Feed("some", cancelled.Token));
        Assert.Throws<OperationCanceledException>(() => predictor.Score("some", cancelled.Token));
    }

    [Fact]
    public void OnceDisposedOfItSaysSo()
    {
        LanguageModel model = Models.Create();
        var predictor = new TextPredictor(model, threads: 2);
        predictor.Dispose();
        predictor.Dispose();
        Assert.Throws<ObjectDisposedException>(predictor.Reset);
        Assert.Throws<ObjectDisposedException>(() => predictor.Feed("a"));
        Assert.Throws<ObjectDisposedException>(() => predictor.Score("a"));
        Assert.Throws<ObjectDisposedException>(() => predictor.MostLikely(1));
        Assert.Throws<ObjectDisposedException>(() => predictor.LogProbabilities(new float[100]));
        Assert.Throws<ObjectDisposedException>(predictor.GetState);
        Assert.Throws<ObjectDisposedException>(() => predictor.SetState(new RecurrentState(model.Options)));
    }

    private static RecurrentState State(LanguageModel model, string text)
    {
        using var predictor = new TextPredictor(model, threads: 1);
        predictor.Feed(text);
        return predictor.GetState();
    }

    private static float[] LogProbabilities(TextPredictor predictor, LanguageModel model)
    {
        float[] values = new float[model.Vocabulary.Count];
        predictor.LogProbabilities(values);
        return values;
    }
}

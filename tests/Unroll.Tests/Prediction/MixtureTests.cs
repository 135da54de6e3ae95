using Unroll.Model;
using Unroll.Tests.Model;
using Xunit;

namespace Unroll.Tests.Prediction;

/// <summary>Whatever reads a model takes one of several networks as well.</summary>
public class MixtureTests
{
    private static readonly LanguageModel Mixture = LanguageModel.Average(
        Models.Create(), Models.Create(CellKind.Gru, layers: 1), Models.Create(CellKind.Lstm, embedding: 4));

    [Fact]
    public void A_text_s_losses_are_the_same_whoever_adds_them_up()
    {
        foreach (int threads in (int[])[1, 2, 3])
        {
            using var predictor = new TextPredictor(Mixture, threads);
            using var scorer = new TextScorer(Mixture, threads);
            double sum = 0;
            foreach (TokenPrediction token in predictor.Score(Models.Text))
                sum -= (float)token.LogProbability;
            Assert.Equal(sum, scorer.Score([Models.Text, "xyz"])[0].TotalLoss);
        }
    }

    [Fact]
    public void Evaluation_measures_the_mean_and_each_network_alone()
    {
        double mixed = Evaluator.Evaluate(Mixture, TextSource.FromString(Models.Text), threads: 2).Loss;
        double[] alone = [.. Mixture.Members.Select(member => Evaluator.Evaluate(member, TextSource.FromString(Models.Text), threads: 1).Loss)];
        // log is concave: the mean's loss is below the losses' mean.
        Assert.True(mixed < alone.Average());
        Assert.Equal(mixed, Evaluator.Evaluate(Mixture, TextSource.FromString(Models.Text), threads: 1).Loss);
    }

    [Fact]
    public void A_state_goes_to_a_file_and_back_into_a_text()
    {
        using var predictor = new TextPredictor(Mixture, threads: 1);
        predictor.Feed("some ");
        using var stream = new MemoryStream();
        predictor.GetState().Save(stream);
        float[] before = LogProbabilities(predictor);
        predictor.Feed("letters");
        Assert.NotEqual(before, LogProbabilities(predictor));
        stream.Position = 0;
        predictor.SetState(RecurrentState.Load(stream, Mixture));
        Assert.Equal(before, LogProbabilities(predictor));
    }

    [Fact]
    public void It_speaks()
    {
        using var one = new TextGenerator(Mixture, threads: 1);
        using var two = new TextGenerator(Mixture, threads: 2);
        var sampling = new GenerationOptions { Length = 40, Temperature = 0.8 };
        string text = one.Generate("The quick", sampling).Text;
        Assert.Equal(40, text.Length);
        Assert.Equal(text, two.Generate("The quick", sampling).Text);

        // Greedily it says what the mean of the probabilities says.
        using var predictor = new TextPredictor(Mixture, threads: 1);
        predictor.SetState(new RecurrentState(Mixture));
        predictor.Feed("The quick");
        Assert.Equal(predictor.MostLikely(1)[0].Text, one.Generate("The quick", 1)["The quick".Length..]);
    }

    [Fact]
    public void A_disposed_one_says_so()
    {
        Predictor predictor = Predictor.For(Mixture, new EngineOptions { Rows = 1, Steps = 1, Threads = 2 });
        predictor.Dispose();
        Assert.True(predictor.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => predictor.Feed(1, [0]));
        Assert.Throws<ObjectDisposedException>(() => predictor.GetState(new RecurrentState(Mixture)));
    }

    [Fact]
    public void An_id_that_does_not_exist_is_refused_by_all()
    {
        using Predictor predictor = Predictor.For(Mixture, new EngineOptions { Rows = 1, Steps = 2, Threads = 3 });
        Assert.Throws<ArgumentOutOfRangeException>(() => predictor.Feed(1, [Mixture.Vocabulary.Count]));
        Assert.Throws<ArgumentOutOfRangeException>(() => predictor.Feed(1, [0, 0, 0]));
        predictor.Feed(1, [0, 1]);
    }

    private static float[] LogProbabilities(TextPredictor predictor)
    {
        float[] values = new float[Mixture.Vocabulary.Count];
        predictor.LogProbabilities(values);
        return values;
    }
}

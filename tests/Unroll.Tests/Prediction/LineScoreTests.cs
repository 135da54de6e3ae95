using Unroll.Kernels;
using Xunit;

namespace Unroll.Tests.Prediction;

public class LineScoreTests
{
    [Theory]
    [InlineData(TokenKind.Character)]
    [InlineData(TokenKind.Byte)]
    [InlineData(TokenKind.Word)]
    public void A_line_scores_as_it_does_alone_long_or_short(TokenKind tokens)
    {
        LanguageModel model = Models.Create(text: new TextOptions { Tokens = tokens });
        string[] lines = ["some letters\n", "\n", string.Concat(Enumerable.Repeat("The quick brown fox é ", 900)) + "\n", "xyz\n", "no break"];
        using var alone = new TextScorer(model, threads: 1);
        using var predictor = new TextPredictor(model, threads: 1);
        foreach (int threads in (int[])[1, 3])
        {
            using var scorer = new TextScorer(model, threads);
            LineScore[] scored = [.. scorer.ScoreLines(TextSource.FromString(string.Concat(lines)), cancellationToken: TestContext.Current.CancellationToken)];
            Assert.Equal([1, 2, 3, 4, 5], scored.Select(line => line.Number));
            Assert.Equal(lines.Select(alone.Score), scored.Select(line => line.Score));
            foreach ((string line, LineScore score) in lines.Zip(scored).Where(pair => pair.First.Length < 100))
            {
                predictor.Reset();
                Assert.Equal(predictor.Score(line), score.Tokens);
            }
        }
    }

    [Fact]
    public void What_is_expected_is_the_mean_of_the_losses()
    {
        LanguageModel model = Models.Create();
        using var predictor = new TextPredictor(model, threads: 1);
        float[] logs = new float[model.Vocabulary.Count];
        predictor.LogProbabilities(logs);
        Assert.Equal(-logs.Sum(log => Functions.Exp((double)log) * log), predictor.MostLikely(1)[0].Entropy, 1e-5);
    }
}

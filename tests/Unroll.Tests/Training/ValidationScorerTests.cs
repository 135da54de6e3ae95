using Unroll.Model;
using Unroll.Tests.Model;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

public class ValidationScorerTests
{
    // The numbers of the rule, which belong to what a run's number is.
    private const int Piece = 16 * 256, WarmUp = 256, MostRows = 16;

    [Theory]
    [InlineData(2)]
    [InlineData(33)]
    [InlineData(2 * Piece - 1)]
    public void AShortTextIsAStreamToTheBit(int length)
    {
        (LanguageModel model, TokenIds ids) = Read(length);
        using var stream = new SequenceScorer(model, threads: 1);
        Assert.Equal(stream.MeanLoss(ids, TestContext.Current.CancellationToken), Measure(model, ids));
    }

    [Theory]
    [InlineData(2 * Piece, 2)]
    [InlineData(3 * Piece + 7, 3)]
    [InlineData(3 * Piece + 8, 3)]
    [InlineData(18 * Piece, MostRows)]
    public void EveryTokenButTheFirstIsScoredOnceByARowThatHasReadWhatIsBeforeIt(int length, int pieces)
    {
        (LanguageModel model, TokenIds ids) = Read(length);
        // One piece after the other, a token at a time: the later pieces are longer by one where it does not come out even.
        using CpuEngine engine = Engines.Make(model, 1, 1, training: false);
        var token = new int[length];
        ids.Read(0, token);
        float[] loss = new float[1];
        double all = 0;
        int start = 0;
        for (int piece = 0; piece < pieces; piece++)
        {
            int predictions = (length - 1 + piece) / pieces;
            double sum = 0;
            engine.ResetState();
            for (int i = Math.Max(0, start - WarmUp); i < start + predictions; i++)
            {
                engine.Evaluate(1, token.AsSpan(i, 1), token.AsSpan(i + 1, 1), loss);
                if (i >= start)
                    sum += loss[0];
            }
            all += sum;
            start += predictions;
        }
        Assert.Equal(length - 1, start);
        Assert.Equal(all / (length - 1), Measure(model, ids));
        Assert.Equal(all / (length - 1), Measure(model, ids, threads: 3));
    }

    [Fact]
    public void TheLossIsAStreamsButForWhatAModelRemembersFromFarAway()
    {
        (LanguageModel model, TokenIds ids) = Read(4 * Piece);
        using var stream = new SequenceScorer(model, threads: 1);
        Assert.Equal(stream.MeanLoss(ids, TestContext.Current.CancellationToken)!.Value, Measure(model, ids), 1e-6);
    }

    [Fact]
    public void MeasurementsDoNotKnowOfEachOther()
    {
        (LanguageModel model, TokenIds ids) = Read(2 * Piece);
        using var scorer = new ValidationScorer(model, ids, threads: 1);
        double? first = scorer.MeanLoss(TestContext.Current.CancellationToken);
        Assert.True(scorer.Estimate(new RunClock(new FakeClock(TimeSpan.FromSeconds(1)), null, 1, 0), seconds: 5) > 0);
        Assert.Equal(first, scorer.MeanLoss(TestContext.Current.CancellationToken));
        foreach (ref float value in model.Parameters.Values)
            value /= 2;
        Assert.NotEqual(first, scorer.MeanLoss(TestContext.Current.CancellationToken));
        Assert.Null(scorer.MeanLoss(new CancellationToken(canceled: true)));
    }

    private static double Measure(LanguageModel model, TokenIds ids, int threads = 1)
    {
        using var scorer = new ValidationScorer(model, ids, threads);
        return scorer.MeanLoss(TestContext.Current.CancellationToken)!.Value;
    }

    // Letters that say what they are: at random, so that no piece is like another.
    private static (LanguageModel, TokenIds) Read(int length)
    {
        var random = new RandomStream(5, RandomPurpose.Sampling, 0);
        string text = string.Create(length, random, (letters, draws) =>
        {
            for (int i = 0; i < letters.Length; i++)
                letters[i] = (char)('a' + draws.Below((ulong)i, 9));
        });
        Corpus corpus = TestRun.Corpus(text: text);
        LanguageModel model = TestRun.Model(corpus, new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 6 });
        foreach (ref float value in model.Parameters.Values)
            value *= 2; // so that the state matters
        return (model, corpus.Training);
    }
}

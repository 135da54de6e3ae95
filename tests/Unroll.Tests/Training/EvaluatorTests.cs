using Unroll.Model;
using Unroll.Tests.Model;
using Xunit;

namespace Unroll.Tests.Training;

public class EvaluatorTests
{
    [Theory]
    [InlineData(CellKind.Rnn)]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.Cifg)]
    public void TheLossIsTheMeanOverAllTokensButTheFirst(CellKind cell)
    {
        Corpus corpus = TestRun.Corpus();
        LanguageModel model = TestRun.Model(corpus, new ModelOptions { Cell = cell, HiddenSize = 10 });
        foreach (int length in (int[])[2, 3, 256, 257, 258, 513, 1500])
        {
            EvaluationResult result = Evaluate(model, TestRun.Text[..length]);
            int[] ids = corpus.Vocabulary.Encode(TestRun.Text[..length]);
            using CpuEngine engine = Engines.Make(model, 1, 1, training: false);
            double sum = 0;
            float[] loss = new float[1];
            for (int i = 1; i < ids.Length; i++)
            {
                engine.Evaluate(1, ids.AsSpan(i - 1, 1), ids.AsSpan(i, 1), loss);
                sum += loss[0];
            }
            Assert.Equal(sum / (ids.Length - 1), result.Loss);
            Assert.Equal((length - 1, length - 1, length - 1), (result.Tokens, result.Characters, result.Bytes));
        }
    }

    [Fact]
    public void ResultsDoNotDependOnThreads()
    {
        LanguageModel model = TestRun.Model(TestRun.Corpus());
        Assert.Equal(
            Evaluate(model, TestRun.Text).Loss,
            Evaluator.Evaluate(model, TextSource.FromString(TestRun.Text), threads: 2, cancellationToken: TestContext.Current.CancellationToken).Loss);
    }

    [Fact]
    public void UnitsFollowFromTheCounts()
    {
        LanguageModel model = TestRun.Model(TestRun.Corpus(text: "é中😀abé中😀ab"));
        EvaluationResult result = Evaluate(model, "aé中😀b");
        Assert.Equal((4, 4, 2 + 3 + 4 + 1), (result.Tokens, result.Characters, result.Bytes));
        Assert.Equal(Math.Exp(result.Loss), result.Perplexity, 1e-12);
        Assert.Equal(result.Loss / Math.Log(2), result.BitsPerToken, 1e-12);
        Assert.Equal(result.BitsPerToken, result.BitsPerCharacter, 1e-12);
        Assert.Equal(result.BitsPerToken * 4 / 10, result.BitsPerByte, 1e-12);
    }

    [Fact]
    public void AUniformModelCostsTheLogarithmOfItsVocabulary()
    {
        LanguageModel model = TestRun.Model(TestRun.Corpus());
        model.Parameters.Values.Clear();
        Assert.Equal(Math.Log(model.Vocabulary.Count), Evaluate(model, TestRun.Text).Loss, 1e-6);
    }

    [Fact]
    public void UnknownTokensAreCountedAndNamedButNotTheFirstToken()
    {
        LanguageModel model = TestRun.Model(TestRun.Corpus());
        EvaluationResult result = Evaluate(model, "€the €cat ß€ 😀😀😀😀");
        Assert.Equal((7, 3), (result.Unknown, result.UnknownTokens.Count));
        Assert.Equal([("😀", 4L), ("€", 2L), ("ß", 1L)], result.UnknownTokens);
    }

    [Fact]
    public void AtMostTwentyUnknownTokensAreNamed()
    {
        LanguageModel model = TestRun.Model(TestRun.Corpus());
        EvaluationResult result = Evaluate(model, "t" + string.Concat(Enumerable.Range(0x4e00, 500).Select(c => (char)c)));
        Assert.Equal((500, 20), (result.Unknown, result.UnknownTokens.Count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("t")]
    public void ATextWithNothingToPredictIsRefused(string text)
    {
        LanguageModel model = TestRun.Model(TestRun.Corpus());
        var exception = Assert.Throws<UnrollException>(() => Evaluate(model, text));
        Assert.Contains("at least two tokens", exception.Message);
    }

    [Fact]
    public void ProgressIsToldTenTimesASecondAndAtTheLastToken()
    {
        // Whenever somebody looks at the clock, 0.03 seconds have passed: the fourth look is due.
        Assert.Equal([4096L, 8192, 12288, 14999], Seen(new FakeClock(TimeSpan.FromSeconds(0.03))));
        Assert.Equal([14999L], Seen(new FakeClock()));

        static List<long> Seen(TimeProvider time)
        {
            var seen = new List<long>();
            string text = string.Concat(Enumerable.Repeat(TestRun.Text, 6))[..15000];
            Evaluator.Evaluate(TestRun.Model(TestRun.Corpus()), TextSource.FromString(text), 1, false, new Count(seen), time, TestContext.Current.CancellationToken);
            return seen;
        }
    }

    [Fact]
    public void ItCanBeCancelled() =>
        Assert.Throws<OperationCanceledException>(() =>
            Evaluator.Evaluate(TestRun.Model(TestRun.Corpus()), TextSource.FromString(TestRun.Text), 1, false, null, new CancellationToken(canceled: true)));

    private static EvaluationResult Evaluate(LanguageModel model, string text) =>
        Evaluator.Evaluate(model, TextSource.FromString(text), threads: 1, cancellationToken: TestContext.Current.CancellationToken);

    private sealed class Count(List<long> seen) : IProgress<long>
    {
        public void Report(long value) => seen.Add(value);
    }
}

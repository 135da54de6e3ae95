using Unroll.Model;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>Updates where the softmax is sampled: a window moves the rows of its own tokens, by the run's rule, and no others.</summary>
public class SparseUpdateTests
{
    private const int VocabularySize = 120, Rows = 3, Steps = 4;

    public static TheoryData<OptimizerKind, double, bool> Rules => new()
    {
        { OptimizerKind.Sgd, 0, false },
        { OptimizerKind.Sgd, 0.9, false },
        { OptimizerKind.Adam, 0, false },
        { OptimizerKind.AdamW, 0, false },
        { OptimizerKind.Adam, 0, true },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Touched_rows_move_by_the_rule_and_all_others_stay(OptimizerKind optimizer, double momentum, bool tied)
    {
        const double rate = 0.01, decay = 0.1;
        LanguageModel model = Model(tied);
        TrainingOptions options = Options(optimizer, momentum);
        var rule = new Optimizer(options);
        using CpuEngine engine = Engines.Make(model, Rows, Steps, Training(options));
        int[] times = new int[VocabularySize]; // how often a token took part
        for (int update = 0; update < 12; update++)
        {
            (int[] inputs, int[] targets) = (Ids(2 * (ulong)update), Ids(2 * (ulong)update + 1));
            engine.Train(inputs, targets, seed: 1, (ulong)update);
            float[] gradients = engine.Gradients, values = [.. model.Parameters.Values];
            float[][] moments = [.. engine.Moments.Select(moment => (float[])moment.Clone())];
            Assert.Equal(Math.Sqrt(gradients.Sum(g => (double)g * g)), engine.GradientNorm, 1e-12);
            double clip = Math.Min(1, options.Clip / engine.GradientNorm);
            engine.Update(rule.Next(engine.GradientNorm, rate));

            var sample = new TokenSample(VocabularySize, 9, Rows * Steps);
            sample.Choose(inputs, targets, new RandomStream(1, RandomPurpose.SoftmaxSample, (ulong)update));
            foreach (ParameterTensor tensor in model.Parameters.Tensors.Where(SparseGradients.Covers))
            {
                for (int row = 0; row < tensor.Rows; row++)
                {
                    bool touched = tensor.Name == "embedding.weight" && !tied ? inputs.Contains(row) : sample.PlaceOf(row) >= 0;
                    times[row] += touched && tensor.IsVector ? 1 : 0;
                    for (int i = (int)tensor.Offset + row * tensor.Columns; i < (int)tensor.Offset + (row + 1) * tensor.Columns; i++)
                        Check(i, touched, shrinks: !tensor.IsVector);
                }
            }

            void Check(int i, bool touched, bool shrinks)
            {
                double value = values[i], gradient = clip * gradients[i] + (optimizer == OptimizerKind.AdamW ? 0 : decay * value);
                double square = moments.Length < 2 ? 0 : touched ? 0.999 * moments[1][i] + 0.001 * gradient * gradient : moments[1][i];
                if (touched && optimizer == OptimizerKind.Sgd)
                    value -= rate / (1 - momentum) * gradient;
                else if (touched)
                    value = value * (optimizer == OptimizerKind.AdamW && shrinks ? 1 - rate * decay : 1) - rate * gradient / (Math.Sqrt(square / (1 - Math.Pow(0.999, update + 1))) + 1e-8);
                Assert.Equal(value, model.Parameters.Values[i], touched ? 1e-6 : 0);
                if (moments.Length > 0)
                    Assert.Equal(0, engine.Moments[0][i]);
                // Where λp and the gradient nearly cancel, single precision leaves few digits.
                if (moments.Length == 2)
                    Assert.Equal(square, engine.Moments[1][i], touched ? 1e-3 * square + 1e-13 : 0);
            }
        }
        Assert.Contains(0, times);
        Assert.Contains(times, often => often > 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Threads_do_not_change_a_bit(bool tied)
    {
        float[] alone = AfterUpdates(tied, new ThreadGrid(1, 1));
        foreach (ThreadGrid grid in Engines.Grids)
            Assert.Equal(alone, AfterUpdates(tied, grid));
    }

    [Fact]
    public void An_engine_takes_nothing_that_grows_with_the_vocabulary_but_its_moments_and_a_few_numbers_a_token()
    {
        TrainingOptions options = Options(OptimizerKind.Adam, 0);
        long taken = Taken(2000), takenByMore = Taken(4000);
        Assert.Equal(taken, takenByMore);

        long Taken(int vocabularySize)
        {
            using CpuEngine engine = Engines.Make(Model(tied: false, vocabularySize), Rows, Steps, Training(options));
            long managed = sizeof(float) * 3L * engine.Moments[0].Length;
            // The parameters and their moments, a token's place and weight, and what this engine takes outside the heap.
            Assert.InRange(EngineMemory.Bytes(Shape(tied: false), vocabularySize, engine.Options), 0.9 * (managed + engine.AlignedBytes), 1.3 * (managed + engine.AlignedBytes) + 16 * vocabularySize + 65_536);
            return engine.AlignedBytes;
        }
    }

    private static float[] AfterUpdates(bool tied, ThreadGrid grid)
    {
        LanguageModel model = Model(tied);
        TrainingOptions options = Options(OptimizerKind.Adam, 0);
        var rule = new Optimizer(options);
        using CpuEngine engine = Engines.Make(model, Rows, Steps, Training(options), grid);
        for (ulong update = 0; update < 5; update++)
        {
            engine.Train(Ids(2 * update), Ids(2 * update + 1), seed: 1, update);
            engine.Update(rule.Next(engine.GradientNorm, 0.01));
        }
        return [.. model.Parameters.Values];
    }

    private static TrainingOptions Options(OptimizerKind optimizer, double momentum) => new()
    {
        Optimizer = optimizer,
        Momentum = momentum,
        WeightDecay = 0.1,
        Clip = 0.5,
        SoftmaxSample = 9,
        Batch = Rows,
        SequenceLength = Steps,
        Shards = 2,
    };

    private static EngineTraining Training(TrainingOptions options) => RunMemory.Trains(options, new RunOptions()).Training!;

    private static ModelOptions Shape(bool tied) => new() { Cell = CellKind.Gru, HiddenSize = 9, EmbeddingSize = tied ? 9 : 7, TieWeights = tied };

    private static LanguageModel Model(bool tied, int vocabularySize = VocabularySize)
    {
        string[] tokens = [Vocabulary.UnknownToken, .. Enumerable.Range(1, vocabularySize - 1).Select(id => ((char)(0x4E00 + id)).ToString())];
        return LanguageModel.Create(new Vocabulary(tokens, new TextOptions()), Shape(tied), seed: 3);
    }

    private static int[] Ids(ulong index)
    {
        var random = new RandomStream(5, RandomPurpose.Sampling, index);
        return [.. Enumerable.Range(0, Rows * Steps).Select(i => random.Below((ulong)i, VocabularySize / 2))];
    }
}

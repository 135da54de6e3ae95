using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>The softmax over a part of the vocabulary: the loss, its gradient, and the bits.</summary>
public class SampledSoftmaxTests
{
    private const int VocabularySize = 90, Rows = 3, Steps = 5, Sample = 14;

    private static readonly EngineTraining Training = new() { SoftmaxSample = Sample };

    public static TheoryData<string> Names => [.. Models.Keys];

    private static Dictionary<string, ModelOptions> Models { get; } = new()
    {
        ["cifg"] = new ModelOptions { Cell = CellKind.Cifg, HiddenSize = 11, EmbeddingSize = 7 },
        ["tied lstm of two layers"] = new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 9, EmbeddingSize = 9, Layers = 2, TieWeights = true },
        ["one-hot gru"] = new ModelOptions { Cell = CellKind.Gru, HiddenSize = 10 },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void The_loss_is_that_of_the_tokens_that_take_part(string name)
    {
        LanguageModel model = Model(name);
        (int[] inputs, int[] targets) = (Ids(1), Ids(2));
        float[] logProbabilities = new float[Rows * Steps * VocabularySize];
        using (CpuEngine whole = Engines.Make(model, Rows, Steps, training: false))
            whole.Distributions(Rows, inputs, targets, logProbabilities);
        using CpuEngine engine = Engines.Make(model, Rows, Steps, Training);
        double loss = engine.Train(inputs, targets, seed: 1, update: 7);

        // One group of rows: they lie as the window does.
        TokenSample sample = Chosen(inputs, targets);
        double sum = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            double part = 0;
            for (int c = 0; c < sample.Count; c++)
                part += Math.Exp(logProbabilities[i * VocabularySize + sample.Tokens[c]] + (double)sample.Corrections[c]);
            sum += Math.Log(part) - logProbabilities[i * VocabularySize + targets[i]];
        }
        Assert.Equal(sum / targets.Length, loss, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_gradient_is_the_limit_of_differences(string name)
    {
        LanguageModel model = Model(name);
        (int[] inputs, int[] targets) = (Ids(1), Ids(2));
        float[] gradients = Gradients(model, Training, grid: null);
        double norm = Math.Sqrt(gradients.Sum(value => (double)value * value));
        Assert.Equal(norm, Difference([.. gradients.Select(value => value / norm)]), 2e-4 + 5e-4 * norm);
        foreach (ParameterTensor tensor in model.Parameters.Tensors)
        {
            int largest = Enumerable.Range((int)tensor.Offset, (int)tensor.Count).MaxBy(i => Math.Abs(gradients[i]));
            double[] direction = new double[gradients.Length];
            direction[largest] = 1;
            Assert.Equal(gradients[largest], Difference(direction), 2e-4 + 5e-4 * Math.Abs(gradients[largest]));
        }

        double Difference(double[] direction)
        {
            const double step = 5e-3;
            return (LossAt(step) - LossAt(-step)) / (2 * step);

            double LossAt(double distance)
            {
                LanguageModel changed = Model(name);
                for (int i = 0; i < direction.Length; i++)
                    changed.Parameters.Values[i] += (float)(direction[i] * distance);
                using CpuEngine engine = Engines.Make(changed, Rows, Steps, Training);
                return engine.Train(inputs, targets, seed: 1, update: 7);
            }
        }
    }

    [Fact]
    public void Tokens_that_take_no_part_have_no_gradient()
    {
        LanguageModel model = Model("cifg");
        (int[] inputs, TokenSample sample) = (Ids(1), Chosen(Ids(1), Ids(2)));
        float[] gradients = Gradients(model, Training, grid: null);
        ParameterTensor vectors = model.Parameters.Find("embedding.weight")!, weights = model.Parameters.Find("decoder.weight")!, bias = model.Parameters.Find("decoder.bias")!;
        for (int token = 0; token < VocabularySize; token++)
        {
            bool takesPart = sample.PlaceOf(token) >= 0;
            Assert.Equal(takesPart, gradients[(int)bias.Offset + token] != 0);
            Assert.Equal(takesPart, gradients.AsSpan((int)weights.Offset + token * 11, 11).ContainsAnyExcept(0f));
            Assert.Equal(inputs.Contains(token), gradients.AsSpan((int)vectors.Offset + token * 7, 7).ContainsAnyExcept(0f));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Threads_do_not_change_a_bit(string name)
    {
        LanguageModel model = Model(name);
        float[] alone = Gradients(model, Training, new ThreadGrid(1, 1));
        foreach (ThreadGrid grid in Engines.Grids)
            Assert.Equal(alone, Gradients(model, Training, grid));
    }

    [Fact]
    public void A_sample_of_all_is_no_sample()
    {
        LanguageModel model = Model("cifg");
        EngineTraining all = new() { SoftmaxSample = VocabularySize };
        Assert.Equal(Gradients(model, new EngineTraining(), grid: null), Gradients(model, all, grid: null));
    }

    [Fact]
    public void What_cannot_predict_says_so()
    {
        using CpuEngine engine = Engines.Make(Model("cifg"), Rows, Steps, Training);
        Assert.Throws<InvalidOperationException>(() => engine.Evaluate(Rows, Ids(1), Ids(2), new float[Rows * Steps]));
    }

    private static float[] Gradients(LanguageModel model, EngineTraining training, ThreadGrid? grid)
    {
        using CpuEngine engine = Engines.Make(model, Rows, Steps, training, grid);
        engine.Train(Ids(1), Ids(2), seed: 1, update: 7);
        return [.. engine.Gradients];
    }

    private static TokenSample Chosen(int[] inputs, int[] targets)
    {
        var sample = new TokenSample(VocabularySize, Sample, Rows * Steps);
        sample.Choose(inputs, targets, new RandomStream(1, RandomPurpose.SoftmaxSample, 7));
        return sample;
    }

    private static LanguageModel Model(string name)
    {
        string[] tokens = [Vocabulary.UnknownToken, .. Enumerable.Range(1, VocabularySize - 1).Select(id => ((char)(0x4E00 + id)).ToString())];
        return LanguageModel.Create(new Vocabulary(tokens, new TextOptions()), Models[name], seed: 3);
    }

    private static int[] Ids(ulong index)
    {
        var random = new RandomStream(5, RandomPurpose.Sampling, index);
        return [.. Enumerable.Range(0, Rows * Steps).Select(i => random.Below((ulong)i, VocabularySize))];
    }
}

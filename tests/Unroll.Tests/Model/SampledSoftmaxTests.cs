using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>The softmax over a part of the vocabulary: who takes part, the loss, its gradient, and the bits.</summary>
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

    [Fact]
    public void Each_token_stands_for_as_many_as_its_chance_says()
    {
        LanguageModel model = Model("cifg");
        int[] wanted = Ids(2);
        double[] met = new double[VocabularySize]; // how often, each time with the weight it stands for
        const int Windows = 4000;
        for (ulong update = 0; update < Windows; update++)
        {
            using SampledDecoder sampled = Chosen(model, wanted, update);
            int[] tokens = sampled.Tokens.ToArray();
            Assert.Equal(Rows * Steps + Sample, tokens.Length);
            Assert.Equal(tokens.Distinct().Order(), tokens);
            Assert.Equal(wanted, sampled.Targets.Select(place => tokens[place]));
            for (int i = 0; i < tokens.Length; i++)
                met[tokens[i]] += Math.Exp(sampled.Corrections[i]);
        }
        for (int token = 0; token < VocabularySize; token++)
        {
            // The rarest stands for some four: its mean over the windows has a deviation of about √(4 / windows).
            Assert.Equal(1, met[token] / Windows, wanted.Contains(token) ? 1e-12 : 0.2);
        }
        Assert.Equal(VocabularySize, met.Sum() / Windows, 0.01 * VocabularySize);
    }

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
        using SampledDecoder sampled = Chosen(model, targets, 7);
        double sum = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            double part = 0;
            for (int c = 0; c < sampled.Tokens.Length; c++)
                part += Math.Exp(logProbabilities[i * VocabularySize + sampled.Tokens[c]] + (double)sampled.Corrections[c]);
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
        using SampledDecoder sampled = Chosen(model, Ids(2), 7);
        float[] gradients = Gradients(model, Training, grid: null);
        ParameterTensor weights = model.Parameters.Find("decoder.weight")!, bias = model.Parameters.Find("decoder.bias")!;
        for (int token = 0; token < VocabularySize; token++)
        {
            bool takesPart = sampled.Tokens.Contains(token);
            Assert.Equal(takesPart, gradients[(int)bias.Offset + token] != 0);
            Assert.Equal(takesPart, gradients.AsSpan((int)weights.Offset + token * 11, 11).ContainsAnyExcept(0f));
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
        EngineTraining all = new() { SoftmaxSample = VocabularySize - Rows * Steps };
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

    private static SampledDecoder Chosen(LanguageModel model, int[] wanted, ulong update)
    {
        var sampled = new SampledDecoder(model, Rows * Steps + Sample, Rows * Steps, new float[model.Parameters.DenseCount]);
        sampled.Choose(wanted, new RandomStream(1, RandomPurpose.SoftmaxSample, update));
        return sampled;
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

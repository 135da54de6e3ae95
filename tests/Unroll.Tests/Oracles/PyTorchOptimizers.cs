using System.Text.Json;
using Unroll.Tests.Architecture;

namespace Unroll.Tests.Oracles;

/// <summary>What torch.optim made of given gradients (optimizers.py wrote optimizers.json): a matrix of 4×5, then a vector of 3.</summary>
internal sealed record PyTorchOptimizers(
    float[] Start, float[][] Gradients, PyTorchRule[] Runs, double[][] Averages, PyTorchPlateau Plateau, PyTorchRates Power, PyTorchRates Cosine)
{
    /// <summary>Elements of the matrix.</summary>
    public const int Weights = 20;

    public static PyTorchOptimizers Numbers { get; } = JsonSerializer.Deserialize<PyTorchOptimizers>(
        File.ReadAllText(Repository.Path("tests", "Unroll.Tests", "Oracles", "optimizers.json")), JsonSerializerOptions.Web)!;
}

/// <summary>A rule, and the values after each of its updates.</summary>
internal sealed record PyTorchRule(
    string Optimizer, double Lr, double Momentum, double Beta1, double Beta2, double Clip, string ClipBy, double WeightDecay, double[][] Values)
{
    public TrainingOptions Options => new()
    {
        Optimizer = Enum.Parse<OptimizerKind>(Optimizer, ignoreCase: true),
        LearningRate = Lr,
        Momentum = Momentum,
        Beta1 = Beta1,
        Beta2 = Beta2,
        Clip = Clip,
        ClipBy = Enum.Parse<ClipKind>(ClipBy, ignoreCase: true),
        WeightDecay = WeightDecay,
    };
}

/// <summary>Validation losses, and the learning rate before each of them.</summary>
internal sealed record PyTorchPlateau(int Patience, double Factor, double[] Losses, double[] Rates);

/// <summary>Learning rates at tenths of a run.</summary>
internal sealed record PyTorchRates(double Power, double[] Rates);

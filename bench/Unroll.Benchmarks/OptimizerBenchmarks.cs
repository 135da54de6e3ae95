using BenchmarkDotNet.Attributes;
using Unroll.Kernels;
using Unroll.Training;

namespace Unroll.Benchmarks;

/// <summary>So many parameters.</summary>
public sealed record OptimizerCase(int Parameters) : ICase
{
    public Work WorkOf(string method) => Work.OfBytes((double)sizeof(float) * Parameters * method switch
    {
        nameof(OptimizerBenchmarks.Sgd) => 3, // reads p and g, writes p
        nameof(OptimizerBenchmarks.Adam) => 7, // reads p, g, m and v, writes p, m and v
        _ => 1,
    });

    public override string ToString() => $"{Parameters >> 20} Mi parameters";
}

/// <summary>What follows the gradients. Several models take turns, so that none of them is still in the caches.</summary>
public class OptimizerBenchmarks
{
    private const int Models = 8;

    private readonly UpdateStep sgd = new Optimizer(TrainingOptions.Textbook with { Optimizer = OptimizerKind.Sgd }).Next(norm: 1, learningRate: 1e-3);
    private readonly UpdateStep adam = new Optimizer(TrainingOptions.Textbook with { Optimizer = OptimizerKind.Adam }).Next(norm: 1, learningRate: 1e-3);
    private float[][] values = [], gradients = [], first = [], second = [];
    private double[] squares = [];
    private int turn;

    public static IEnumerable<OptimizerCase> Cases => [new(4 << 20)];

    [ParamsSource(nameof(Cases))]
    public OptimizerCase Case { get; set; } = null!;

    [GlobalSetup]
    public void Create()
    {
        (values, gradients, first, second) = (Arrays(0.1f), Arrays(0.01f), Arrays(0), Arrays(0));
        squares = new double[Kernels.GradientNorm.Blocks(Case.Parameters)];
    }

    [Benchmark]
    public void Sgd() => Update(sgd);

    [Benchmark]
    public void Adam() => Update(adam);

    [Benchmark]
    public double GradientNorm()
    {
        Kernels.GradientNorm.SumBlocks(gradients[Turn()], squares, 0, 1);
        return Math.Sqrt(Kernels.GradientNorm.Sum(squares));
    }

    private int Turn() => turn = (turn + 1) % Models;

    private void Update(in UpdateStep step)
    {
        int model = Turn();
        ParameterUpdate.Apply(values[model], gradients[model], [first[model], second[model]], 0, Case.Parameters, step);
    }

    private float[][] Arrays(float scale) => [.. Enumerable.Range(0, Models).Select(_ =>
    {
        float[] array = new float[Case.Parameters];
        BenchmarkData.Fill(array, scale);
        return array;
    })];
}

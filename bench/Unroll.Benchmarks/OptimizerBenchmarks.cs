using Unroll.Kernels;
using Unroll.Training;
using BenchmarkDotNet.Attributes;

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

    private readonly Optimizer?[] sgd = new Optimizer?[Models], adam = new Optimizer?[Models];
    private float[][] values = [], gradients = [];
    private int turn;

    public static IEnumerable<OptimizerCase> Cases => [new(4 << 20)];

    [ParamsSource(nameof(Cases))]
    public OptimizerCase Case { get; set; } = null!;

    [GlobalSetup]
    public void Create()
    {
        (values, gradients) = (Arrays(0.1f), Arrays(0.01f));
        for (int model = 0; model < Models; model++)
        {
            sgd[model] = new Optimizer(TrainingOptions.Textbook with { Optimizer = OptimizerKind.Sgd }, Case.Parameters);
            adam[model] = new Optimizer(TrainingOptions.Textbook with { Optimizer = OptimizerKind.Adam }, Case.Parameters);
        }
    }

    [Benchmark]
    public void Sgd() => Update(sgd[Turn()]!);

    [Benchmark]
    public void Adam() => Update(adam[Turn()]!);

    [Benchmark]
    public double GradientNorm() => Optimizer.Norm(gradients[Turn()]);

    private int Turn() => turn = (turn + 1) % Models;

    private void Update(Optimizer optimizer) => optimizer.Update(values[turn], gradients[turn], norm: 1, learningRate: 1e-3);

    private float[][] Arrays(float scale) => [.. Enumerable.Range(0, Models).Select(_ =>
    {
        float[] array = new float[Case.Parameters];
        BenchmarkData.Fill(array, scale);
        return array;
    })];
}

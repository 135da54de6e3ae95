using BenchmarkDotNet.Attributes;
using Unroll.Kernels;

namespace Unroll.Benchmarks;

/// <summary>Δ [Outputs, Inputs] = Dᵀ·X over all rows of a window.</summary>
public sealed record WeightGradientCase(string Name, int Outputs, int Rows, int Inputs) : ICase
{
    public Work WorkOf(string method) => Work.OfOperations(2.0 * Outputs * Rows * Inputs);

    public override string ToString() => $"{Name} {Outputs}×{Rows}×{Inputs}";
}

/// <summary>Gradients of one gate's recurrent weights and of the decoder's.</summary>
public class WeightGradientBenchmarks
{
    private readonly List<IDisposable> owned = [];
    private float[] storage = [];
    private Matrix gradients, delta, scratch;
    private PackedMatrix states = null!;
    private SumOrder order = null!;

    public static IEnumerable<WeightGradientCase> Cases =>
    [
        new("gate", 128, 50 * 50, 128), new("gate", 256, 32 * 35, 256), new("gate", 512, 32 * 35, 512),
        new("gate", 512, 64 * 128, 512), new("gate", 1024, 64 * 64, 1024),
        new("decoder", 28, 1120, 512), new("decoder", 65, 8192, 512), new("decoder", 6400, 1120, 512),
    ];

    [ParamsSource(nameof(Cases))]
    public WeightGradientCase Case { get; set; } = null!;

    [GlobalSetup]
    public void Create()
    {
        gradients = BenchmarkData.Matrix(Case.Rows, Case.Outputs, owned);
        states = BenchmarkData.Packed(Case.Rows, Case.Inputs, owned);
        storage = GC.AllocateArray<float>(Case.Outputs * Case.Inputs, pinned: true);
        delta = Matrix.OfPinned(storage, 0, Case.Outputs, Case.Inputs);
        scratch = Matrix.Allocate(1, (int)WeightGradient.ScratchLength(Case.Inputs, shards: 1), owned);
        order = new SumOrder(new BatchShare(1, 1), Case.Rows, (step, _) => step);
    }

    [Benchmark]
    public void WeightGradients() => WeightGradient.Compute(gradients, order, new PackedRows(states, [0]), delta, [], scratch, 0, 1);

    [GlobalCleanup]
    public void Dispose() => owned.ForEach(item => item.Dispose());
}

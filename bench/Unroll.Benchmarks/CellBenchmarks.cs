using BenchmarkDotNet.Attributes;
using Unroll.Kernels;

namespace Unroll.Benchmarks;

/// <summary>A cell over [Batch, Hidden] units. Operations of one unit are counted in the cell's source: a fused
/// multiply-add is two, a division, comparison or rounding one.</summary>
public sealed record CellCase(string Name, int Batch, int Hidden, double Forward, double Backward) : ICase
{
    public Work WorkOf(string method) =>
        Work.OfOperations((double)Batch * Hidden * (method == nameof(CellBenchmarks.CellForward) ? Forward : Backward));

    public override string ToString() => $"{Name} {Batch}×{Hidden}";
}

/// <summary>The pointwise pass of one step.</summary>
public class CellBenchmarks
{
    private const double Sigmoid = 26, Tanh = 27;

    private PointwisePass pass = null!;

    public static IEnumerable<CellCase> Cases => [.. Cells(50, 128), .. Cells(64, 512)];

    [ParamsSource(nameof(Cases))]
    public CellCase Case { get; set; } = null!;

    [GlobalSetup]
    public void Create() => pass = Case.Name switch
    {
        "RNN" => PointwisePass.For<RnnCell<TanhNonlinearity>>(Case.Batch, Case.Hidden),
        "GRU" => PointwisePass.For<GruResetAfterCell>(Case.Batch, Case.Hidden),
        "GRU, reset before" => PointwisePass.For<GruResetBeforeCell>(Case.Batch, Case.Hidden),
        _ => PointwisePass.For<LstmCell>(Case.Batch, Case.Hidden),
    };

    [Benchmark]
    public void CellForward() => pass.Forward();

    [Benchmark]
    public void CellBackward() => pass.Backward();

    [GlobalCleanup]
    public void Dispose() => pass.Dispose();

    private static CellCase[] Cells(int batch, int hidden) =>
    [
        new("RNN", batch, hidden, Tanh, 4),
        new("GRU", batch, hidden, 2 * Sigmoid + Tanh + 5, 18),
        new("GRU, reset before", batch, hidden, 2 * Sigmoid + Tanh + 4, 19),
        new("LSTM", batch, hidden, 3 * Sigmoid + 2 * Tanh + 4, 24),
    ];
}

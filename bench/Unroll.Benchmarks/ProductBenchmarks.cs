using BenchmarkDotNet.Attributes;
using Unroll.Kernels;

namespace Unroll.Benchmarks;

/// <summary>[Rows, Depth] × [Depth, Columns], once for each gate.</summary>
public sealed record ProductCase(string Name, int Rows, int Depth, int Gates, int Columns) : ICase
{
    public Work WorkOf(string method) => Work.OfOperations(2.0 * Rows * Depth * Gates * Columns);

    public override string ToString() => $"{Name} {Rows}×{Depth}×{(Gates > 1 ? $"{Gates}·" : "")}{Columns}";
}

/// <summary>States times weights: a step of a layer, a window's logits, and what generating one text needs.</summary>
public class ProductBenchmarks
{
    private readonly List<IDisposable> owned = [];
    private Matrix states;
    private PackedMatrix[] weights = [];
    private Matrix[] results = [];

    public static IEnumerable<ProductCase> Cases =>
    [
        .. Layer(50, 128), .. Layer(32, 256), .. Layer(32, 512), .. Layer(64, 512), .. Layer(64, 1024),
        new("decoder", 1120, 512, 1, 28), new("decoder", 8192, 512, 1, 65), new("decoder", 1120, 512, 1, 6400),
        new("row", 1, 128, 1, 128), new("row", 1, 256, 1, 256), new("row", 1, 512, 1, 512), new("row", 1, 1024, 1, 1024),
    ];

    [ParamsSource(nameof(Cases))]
    public ProductCase Case { get; set; } = null!;

    [GlobalSetup]
    public void Create()
    {
        states = BenchmarkData.Matrix(Case.Rows, Case.Depth, owned);
        weights = [.. Enumerable.Range(0, Case.Gates).Select(_ => BenchmarkData.Packed(Case.Depth, Case.Columns, owned))];
        results = [.. Enumerable.Range(0, Case.Gates).Select(_ => Matrix.Allocate(Case.Rows, Case.Columns, owned))];
    }

    /// <summary>As RecurrentPass does it: all gates of a panel, then the next panel. A row takes its panels side by side.</summary>
    [Benchmark]
    public void Product()
    {
        int panels = weights[0].Panels, together = Case.Gates == 1 ? panels : 1;
        for (int panel = 0; panel < panels; panel += together)
            for (int gate = 0; gate < results.Length; gate++)
                MatrixProduct.Add(states, weights[gate], results[gate], panel, panel + together);
    }

    [GlobalCleanup]
    public void Dispose() => owned.ForEach(item => item.Dispose());

    private static ProductCase[] Layer(int batch, int hidden) =>
        [new("RNN", batch, hidden, 1, hidden), new("GRU", batch, hidden, 3, hidden), new("LSTM", batch, hidden, 4, hidden)];
}

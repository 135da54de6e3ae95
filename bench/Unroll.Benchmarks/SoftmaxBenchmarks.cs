using BenchmarkDotNet.Attributes;
using Unroll.Kernels;

namespace Unroll.Benchmarks;

/// <summary>Rows of logits over a vocabulary.</summary>
public sealed record SoftmaxCase(int Rows, int Vocabulary, bool FitsCaches) : ICase
{
    /// <summary>Of one logit: the largest, shift, exp (23), sum, scale.</summary>
    private const double Operations = 27;

    // A row stays in the first cache between its three passes, so that memory sees it twice: read, and written.
    public Work WorkOf(string method) => FitsCaches
        ? Work.OfOperations((double)Rows * Vocabulary * Operations)
        : Work.OfBytes(2.0 * sizeof(float) * Rows * Vocabulary);

    public override string ToString() => $"{Rows}×{Vocabulary}";
}

/// <summary>Softmax, cross-entropy and gradient of rows of logits.</summary>
public class SoftmaxBenchmarks
{
    private readonly List<IDisposable> owned = [];
    private Matrix logits;
    private int[] targets = [];
    private float[] losses = [];

    public static IEnumerable<SoftmaxCase> Cases => [new(1120, 28, true), new(8192, 65, true), new(8192, 6400, false)];

    [ParamsSource(nameof(Cases))]
    public SoftmaxCase Case { get; set; } = null!;

    [GlobalSetup]
    public void Create()
    {
        logits = Matrix.Allocate(Case.Rows, Case.Vocabulary, owned);
        logits.Storage.Fill(SoftmaxCrossEntropy.Padding);
        for (int row = 0; row < Case.Rows; row++)
            BenchmarkData.Fill(logits.RowSpan(row), scale: 5);
        targets = [.. Enumerable.Range(0, Case.Rows).Select(row => row % Case.Vocabulary)];
        losses = new float[Case.Rows];
    }

    /// <summary>The gradients of one call are the logits of the next: numbers as good as any.</summary>
    [Benchmark]
    public void Softmax()
    {
        SoftmaxCrossEntropy.Rows(logits, targets, losses, 1f / Case.Rows);
    }

    [GlobalCleanup]
    public void Dispose() => owned.ForEach(item => item.Dispose());
}

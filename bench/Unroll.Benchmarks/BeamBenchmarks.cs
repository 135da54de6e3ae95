using BenchmarkDotNet.Attributes;
using Unroll.Generation;
using Unroll.Model;

namespace Unroll.Benchmarks;

/// <summary>Eight texts side by side, one thread.</summary>
public sealed record BeamCase(CellKind Cell, int Hidden, int Vocabulary, int Steps) : ICase
{
    public const int Rows = 8;

    /// <summary>Of a step of one row: the products of the gates and of the output layer.</summary>
    public Work WorkOf(string method)
    {
        int gates = Cell == CellKind.Gru ? 3 : 4;
        return Work.OfOperations(2.0 * Rows * Steps * Hidden * (gates * Hidden + Vocabulary));
    }

    public override string ToString() => $"{Cell.ToString().ToUpperInvariant()} {Hidden}, V {Vocabulary}";
}

/// <summary>Eight streams that take the likeliest token each time, and a beam of eight: the same steps, and what a search adds.</summary>
public class BeamBenchmarks
{
    private GenerationOptions options = null!;
    private Vocabulary vocabulary = null!;
    private Predictor predictor = null!;
    private RecurrentState start = null!;
    private TokenSampler greedy = null!;

    public static IEnumerable<BeamCase> Cases => [new(CellKind.Gru, 128, 65, 400), new(CellKind.Lstm, 256, 65, 100), new(CellKind.Lstm, 512, 6400, 10)];

    [ParamsSource(nameof(Cases))]
    public BeamCase Case { get; set; } = null!;

    [GlobalSetup]
    public void Create()
    {
        vocabulary = new Vocabulary([Vocabulary.UnknownToken, .. Enumerable.Range(1, Case.Vocabulary - 1).Select(id => $"{id}")], new TextOptions { Tokens = TokenKind.Word });
        LanguageModel model = LanguageModel.Create(vocabulary, new ModelOptions { Cell = Case.Cell, HiddenSize = Case.Hidden });
        foreach (ref float value in model.Parameters.Values)
            value *= 3; // so that the texts differ
        options = new GenerationOptions { Beam = BeamCase.Rows, Length = Case.Steps };
        predictor = Predictor.For(model, new EngineOptions { Rows = BeamCase.Rows, Steps = 1, Threads = 1 });
        (start, greedy) = (new RecurrentState(model), new TokenSampler(options, Case.Vocabulary));
    }

    [Benchmark(Baseline = true)]
    public int Streams()
    {
        int[] last = [.. Enumerable.Range(1, BeamCase.Rows)];
        for (int step = 0; step < Case.Steps; step++)
        {
            ReadOnlySpan<float> logits = predictor.Step(last);
            for (int row = 0; row < last.Length; row++)
                last[row] = greedy.Next(logits.Slice(row * predictor.LogitsStride, Case.Vocabulary), step);
        }
        return last[0];
    }

    [Benchmark]
    public int Beam() =>
        new BeamSearch(predictor, Case.Vocabulary, options).Search(start, new TextUnderWay(options, vocabulary), CancellationToken.None).Count;

    [GlobalCleanup]
    public void Dispose() => predictor.Dispose();
}

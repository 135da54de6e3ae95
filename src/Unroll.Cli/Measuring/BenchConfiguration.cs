using Unroll.Model;


namespace Unroll.Cli.Measuring;

/// <summary>A model and a window whose speed is measured.</summary>
internal sealed record BenchConfiguration(CellKind Cell, int Vocabulary, int Hidden, int Layers, int Embedding, int Batch, int Steps)
{
    /// <summary>From a small model to a large one, and one with the vocabulary of Chinese; for every kind of cell.</summary>
    public static IReadOnlyList<BenchConfiguration> Grid { get; } =
    [
        .. Enum.GetValues<CellKind>().SelectMany(cell => (BenchConfiguration[])
        [
            new(cell, 65, 128, 1, 0, 50, 50),
            new(cell, 28, 256, 1, 0, 32, 35),
            new(cell, 28, 512, 1, 0, 32, 35),
            new(cell, 65, 512, 1, 0, 64, 128),
            new(cell, 65, 1024, 2, 0, 64, 64),
            new(cell, 6400, 512, 1, 256, 32, 35),
        ]),
    ];

    /// <summary>The model's shape.</summary>
    public ModelOptions Model => new() { Cell = Cell, HiddenSize = Hidden, Layers = Layers, EmbeddingSize = Embedding };

    /// <summary>The engine that trains it.</summary>
    public EngineOptions Trains(int threads) => new() { Rows = Batch, Steps = Steps, Threads = threads, Training = new EngineTraining() };

    /// <summary>Tokens of one window.</summary>
    public int Tokens => Batch * Steps;

    /// <summary>Useful floating-point operations of one training step: 3 × 2 × T·B × (Σ over layers (H·G·H + in·G·H) + H·V),
    /// where in·G·H counts only for dense input; a row lookup computes nothing.</summary>
    public double OperationsPerStep
    {
        get
        {
            double gates = Cells.ShapeOf(Model).Gates, products = (double)Hidden * Vocabulary;
            for (int layer = 0; layer < Layers; layer++)
                products += (Hidden + (layer == 0 ? Embedding : Hidden)) * gates * Hidden;
            return 3 * 2.0 * Tokens * products;
        }
    }
}

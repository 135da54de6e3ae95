using static TorchSharp.torch;
using Layers = TorchSharp.Modules;

namespace Unroll.Cli.Measuring;

/// <summary>The model of a configuration in torch.nn, and the state it carries from window to window.</summary>
internal sealed class TorchModel : IDisposable
{
    private readonly int vocabulary;
    private readonly Layers.Embedding? embedding;
    private readonly nn.Module layers;
    private readonly Layers.Linear decoder;
    private Tensor hidden; // [L, B, H]
    private Tensor cell; // [L, B, H], for an LSTM
    private readonly double dropout;
    private (Tensor Hidden, Tensor Cell)? learning; // states of the rows that learn, while another text is measured

    /// <summary>A model with random weights and a state of zeros for so many rows.</summary>
    /// <param name="configuration">Its shape.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="dropout">How likely an output is dropped before the decoder reads it, except while measuring.</param>
    public TorchModel(BenchConfiguration configuration, int batch, double dropout = 0)
    {
        (vocabulary, this.dropout) = (configuration.Vocabulary, dropout);
        int input = configuration.Embedding > 0 ? configuration.Embedding : vocabulary;
        embedding = configuration.Embedding > 0 ? nn.Embedding(vocabulary, configuration.Embedding) : null;
        layers = configuration.Cell switch
        {
            CellKind.Rnn => nn.RNN(input, configuration.Hidden, configuration.Layers),
            CellKind.Gru => nn.GRU(input, configuration.Hidden, configuration.Layers),
            _ => nn.LSTM(input, configuration.Hidden, configuration.Layers),
        };
        decoder = nn.Linear(configuration.Hidden, vocabulary);
        hidden = zeros(configuration.Layers, batch, configuration.Hidden);
        cell = zeros(configuration.Layers, batch, configuration.Hidden);
        Parameters = [.. embedding?.parameters() ?? [], .. layers.parameters(), .. decoder.parameters()];
    }

    /// <summary>Everything that is learned.</summary>
    public IReadOnlyList<Layers.Parameter> Parameters { get; }

    /// <summary>The logits [T·B, V] of ids [T, B]; the state moves on.</summary>
    public Tensor Forward(Tensor ids)
    {
        Tensor input = embedding?.call(ids) ?? nn.functional.one_hot(ids, vocabulary).to(float32);
        Tensor output, hiddenAfter;
        Tensor? cellAfter = null;
        if (layers is Layers.RNN plain)
            (output, hiddenAfter) = plain.call(input, hidden);
        else if (layers is Layers.GRU gated)
            (output, hiddenAfter) = gated.call(input, hidden);
        else
            (output, hiddenAfter, cellAfter) = ((Layers.LSTM)layers).call(input, (hidden, cell));
        Keep(ref hidden, hiddenAfter);
        if (cellAfter is not null)
            Keep(ref cell, cellAfter);
        if (dropout > 0 && learning is null)
            output = nn.functional.dropout(output, dropout);
        return decoder.call(output.reshape(-1, output.shape[^1]));
    }

    /// <summary>Puts the rows' states by, and begins one row of another text, without dropout.</summary>
    public void BeginToMeasure()
    {
        learning = (hidden, cell);
        (hidden, cell) = (zeros(hidden.shape[0], 1, hidden.shape[2]), zeros(cell.shape[0], 1, cell.shape[2]));
    }

    /// <summary>Takes the rows' states up again.</summary>
    public void GoOnLearning()
    {
        hidden.Dispose();
        cell.Dispose();
        ((hidden, cell), learning) = (learning!.Value, null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        embedding?.Dispose();
        layers.Dispose();
        decoder.Dispose();
        hidden.Dispose();
        cell.Dispose();
    }

    // The state outlives the step's scope, and no gradient goes through it.
    private static void Keep(ref Tensor state, Tensor after)
    {
        state.Dispose();
        state = after.detach().MoveToOuterDisposeScope();
    }
}

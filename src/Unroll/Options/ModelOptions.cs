// What a model is made of. The command line, the run log and the model file carry this same record under these names.
using Unroll.Options;

namespace Unroll;

/// <summary>The kind of recurrent cell.</summary>
public enum CellKind
{
    /// <summary>The plain cell: h = φ(W_ih·x + W_hh·h + b) with φ = tanh or ReLU (d2l 8.4).</summary>
    Rnn,

    /// <summary>The gated recurrent unit (Cho et al. 2014; d2l 9.1).</summary>
    Gru,

    /// <summary>Long short-term memory (Hochreiter and Schmidhuber 1997; d2l 9.2).</summary>
    Lstm,

    /// <summary>An LSTM whose input gate is coupled to its forget gate, i = 1 − f: c = f ⊙ c[t−1] + (1 − f) ⊙ g, with three gates
    /// instead of four ("CIFG"; Greff et al. 2017, "LSTM: A Search Space Odyssey").</summary>
    Cifg,
}

/// <summary>The plain cell's nonlinearity.</summary>
public enum Activation
{
    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>max(x, 0).</summary>
    Relu,
}

/// <summary>Where a GRU applies its reset gate. Weights are not interchangeable between the two.</summary>
public enum ResetGate
{
    /// <summary>After the recurrent product, as torch.nn.GRU does: n = tanh(W_in·x + b_in + r ⊙ (W_hn·h + b_hn)).</summary>
    After,

    /// <summary>Before it, as the book's GRU from scratch does: n = tanh(W_in·x + W_hn·(r ⊙ h) + b_n).</summary>
    Before,
}

/// <summary>How weights are drawn before training.</summary>
public enum Initialization
{
    /// <summary>PyTorch's default: every weight and bias uniform in ±1/√H; an embedding N(0, 1).</summary>
    Uniform,

    /// <summary>The book's from-scratch models: weights N(0, 0.01²), biases 0.</summary>
    Normal,
}

/// <summary>How many bias vectors a recurrent layer learns.</summary>
public enum Biases
{
    /// <summary>Two, as in torch.nn: one with the input product and one with the recurrent product.</summary>
    Two,

    /// <summary>One, as in the book's from-scratch models.</summary>
    One,
}

/// <summary>The shape of a model. Every property has a default.</summary>
public sealed record ModelOptions
{
    /// <summary>What the head of an adaptive softmax is a multiple of: clusters begin where tiles of logits do.</summary>
    internal const int SoftmaxUnit = 32;

    /// <summary>The kind of recurrent cell.</summary>
    public CellKind Cell { get; init; } = CellKind.Lstm;

    /// <summary>Hidden units per layer, H.</summary>
    public int HiddenSize { get; init; } = 256;

    /// <summary>Recurrent layers, L; layer l feeds on the hidden states of layer l−1.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Length of a learned embedding vector per token; 0 feeds one-hot vectors, that is, a row lookup.</summary>
    public int EmbeddingSize { get; init; }

    /// <summary>The plain cell's nonlinearity; the other cells ignore it.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>Where a GRU applies its reset gate; the other cells ignore it.</summary>
    public ResetGate ResetGate { get; init; } = ResetGate.After;

    /// <summary>How weights are drawn before training.</summary>
    public Initialization Initialization { get; init; } = Initialization.Uniform;

    /// <summary>What is added to the forget gate's bias (<c>bias_ih</c>) after the draw, in an LSTM and a CIFG; the other cells have no
    /// such gate. Below 0 the memory is short at first, above it long (Gers et al. 2000; 1 in Jozefowicz et al. 2015).</summary>
    public double ForgetBias { get; init; }

    /// <summary>One or two bias vectors per recurrent layer.</summary>
    public Biases Biases { get; init; } = Biases.Two;

    /// <summary>Whether the decoder shares the embedding's weights (needs an embedding as long as the hidden state).</summary>
    public bool TieWeights { get; init; }

    /// <summary>The highest order of n-grams, from 2 on, whose learned vectors are added to a token's own; 0 = none. Needs an
    /// embedding, and a text that tells which n-grams there are.</summary>
    public int InputNgrams { get; init; }

    /// <summary>The highest order of n-grams, from 2 on, whose learned logits are added to the decoder's; 0 = none.</summary>
    public int OutputNgrams { get; init; }

    /// <summary>How often the text must have an n-gram for it to get a vector.</summary>
    public int NgramCount { get; init; } = 2;

    /// <summary>The most n-grams that get vectors: in a longer text it takes more to be one of them.</summary>
    public int NgramRows { get; init; } = 1_000_000;

    /// <summary>How many of the commonest tokens an adaptive softmax has in its head, a multiple of 32; 0 = one softmax over all tokens.
    /// The others stand in clusters with shorter vectors, so that a prediction needs a small part of the output layer (Grave et al.
    /// 2017; as PyTorch's <c>AdaptiveLogSoftmaxWithLoss</c>, with more clusters). For vocabularies of some thousand tokens or more.</summary>
    public int AdaptiveSoftmax { get; init; }

    /// <summary>The highest order of n-grams that the model looks up.</summary>
    internal int NgramOrder => Math.Max(InputNgrams, OutputNgrams);

    /// <summary>Checks that the options make a model.</summary>
    /// <exception cref="OptionsException">They do not.</exception>
    public void Validate()
    {
        OptionsException.Require(Enum.IsDefined(Cell), nameof(Cell), $"must be rnn, gru, lstm or cifg.");
        OptionsException.Require(HiddenSize is >= 1 and <= 65536, nameof(HiddenSize), $"must be between 1 and 65536, not {HiddenSize}.");
        OptionsException.Require(Layers is >= 1 and <= 64, nameof(Layers), $"must be between 1 and 64, not {Layers}.");
        OptionsException.Require(EmbeddingSize is >= 0 and <= 65536, nameof(EmbeddingSize), $"must be between 0 (one-hot) and 65536, not {EmbeddingSize}.");
        OptionsException.Require(Enum.IsDefined(Activation), nameof(Activation), $"must be tanh or relu.");
        OptionsException.Require(Enum.IsDefined(ResetGate), nameof(ResetGate), $"must be after or before.");
        OptionsException.Require(Enum.IsDefined(Initialization), nameof(Initialization), $"must be uniform or normal.");
        OptionsException.Require(ForgetBias is >= -100 and <= 100, nameof(ForgetBias), $"must be between -100 and 100, not {ForgetBias}.");
        OptionsException.Require(Enum.IsDefined(Biases), nameof(Biases), $"must be one or two.");
        OptionsException.Require(!TieWeights || EmbeddingSize == HiddenSize, nameof(TieWeights),
            $"needs an embedding as long as the hidden state: {Name(nameof(EmbeddingSize))} is {EmbeddingSize}, {Name(nameof(HiddenSize))} {HiddenSize}.");
        const int MostNgrams = 5;
        OptionsException.Require(InputNgrams is 0 or >= 2 and <= MostNgrams, nameof(InputNgrams), $"must be 0 (none) or between 2 and {MostNgrams}, not {InputNgrams}.");
        OptionsException.Require(OutputNgrams is 0 or >= 2 and <= MostNgrams, nameof(OutputNgrams), $"must be 0 (none) or between 2 and {MostNgrams}, not {OutputNgrams}.");
        OptionsException.Require(InputNgrams == 0 || EmbeddingSize > 0, nameof(InputNgrams), $"needs an embedding: set {Name(nameof(EmbeddingSize))} to 64, for example.");
        OptionsException.Require(AdaptiveSoftmax >= 0 && AdaptiveSoftmax % SoftmaxUnit == 0, nameof(AdaptiveSoftmax),
            $"must be 0 (one softmax over all tokens) or a multiple of {SoftmaxUnit}, not {AdaptiveSoftmax}.");
        OptionsException.Require(AdaptiveSoftmax == 0 || !TieWeights, nameof(AdaptiveSoftmax), $"has no row for each token that could be tied: turn {Name(nameof(TieWeights))} off.");
        OptionsException.Require(AdaptiveSoftmax == 0 || OutputNgrams == 0, nameof(AdaptiveSoftmax), $"does not go with logits by n-gram: set {Name(nameof(OutputNgrams))} to 0.");
        OptionsException.Require(NgramCount >= 1, nameof(NgramCount), $"must be at least 1, not {NgramCount}.");
        OptionsException.Require(NgramRows >= 0, nameof(NgramRows), $"must be at least 0, not {NgramRows}.");
        OptionsException.Require(Cell != CellKind.Gru || ResetGate == ResetGate.Before || Biases == Biases.Two, nameof(Biases),
            $"must be two for a GRU that resets after the product; or set {Name(nameof(ResetGate))} to before.");
    }

    internal static ModelOptions Pass(ModelOptions model, OptionsPass pass) => new()
    {
        Cell = pass.Choice("cell", nameof(Cell), model.Cell),
        HiddenSize = pass.Count("hidden", nameof(HiddenSize), model.HiddenSize),
        Layers = pass.Count("layers", nameof(Layers), model.Layers),
        EmbeddingSize = pass.Count("embedding", nameof(EmbeddingSize), model.EmbeddingSize),
        Activation = pass.Choice("activation", nameof(Activation), model.Activation),
        ResetGate = pass.Choice("resetGate", nameof(ResetGate), model.ResetGate),
        Initialization = pass.Choice("init", nameof(Initialization), model.Initialization),
        ForgetBias = pass.Number("forgetBias", nameof(ForgetBias), model.ForgetBias),
        Biases = pass.Choice("biases", nameof(Biases), model.Biases),
        InputNgrams = pass.Count("inputNgrams", nameof(InputNgrams), model.InputNgrams),
        OutputNgrams = pass.Count("outputNgrams", nameof(OutputNgrams), model.OutputNgrams),
        NgramCount = pass.Count("ngramCount", nameof(NgramCount), model.NgramCount),
        NgramRows = pass.Count("ngramRows", nameof(NgramRows), model.NgramRows),
        AdaptiveSoftmax = pass.Count("adaptiveSoftmax", nameof(AdaptiveSoftmax), model.AdaptiveSoftmax),
        TieWeights = pass.Truth("tie", nameof(TieWeights), model.TieWeights),
    };

    private static PropertyName Name(string property) => new(property);
}

namespace Unroll;

/// <summary>What the tensors of a file from PyTorch do not tell. Every property has a default: PyTorch's, or what the tokens look like.</summary>
public sealed record ImportOptions
{
    /// <summary>A file with the vocabulary: a JSON array of the tokens in the order of their ids, or a JSON object that gives each token its
    /// id. Null: it is in the metadata of the tensors' file, under <c>vocabulary</c> or <c>vocab</c>.</summary>
    public string? Vocabulary { get; init; }

    /// <summary>The kind of recurrent cell. Null: as the shapes say, and a GRU where there are three gates, which a CIFG has too.</summary>
    public CellKind? Cell { get; init; }

    /// <summary>The plain cell's nonlinearity; null is torch.nn.RNN's, tanh.</summary>
    public Activation? Activation { get; init; }

    /// <summary>Where a GRU applies its reset gate; null is torch.nn.GRU's, after the product.</summary>
    public ResetGate? ResetGate { get; init; }

    /// <summary>What a token is. Null: characters where every token is one, or a mark such as <c>&lt;pad&gt;</c>; bytes where all are
    /// written as <c>&lt;0x41&gt;</c>; byte pairs where they are written as GPT-2's; words otherwise.</summary>
    public TokenKind? Tokens { get; init; }

    /// <summary>What was done to the training text before it was split.</summary>
    public Cleaning Clean { get; init; } = Cleaning.None;

    /// <summary>What a document is; the vocabulary then holds <see cref="Vocabulary.EndToken"/>.</summary>
    public DocumentKind Documents { get; init; } = DocumentKind.None;
}

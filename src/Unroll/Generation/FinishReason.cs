namespace Unroll;

/// <summary>Why a text ended.</summary>
public enum FinishReason
{
    /// <summary>It has its length.</summary>
    Length,

    /// <summary>A stop text was produced.</summary>
    StopText,

    /// <summary>The model has ended the document.</summary>
    DocumentEnd,

    /// <summary>Whoever asked for it has cancelled it.</summary>
    Cancelled,

    /// <summary>The generator was disposed of.</summary>
    Disposed,
}

// A part of a text that is coded by itself: its first token is predicted from nothing, so that segments go side by side. What the two
// directions share is how a distribution becomes frequencies; the rest is who tells whom what the symbol is.
using Unroll.Kernels;

namespace Unroll.Compression;

/// <summary>Takes one distribution after another, and a symbol for each.</summary>
/// <param name="tokens">The model's tokens.</param>
/// <param name="first">The token that the first one is predicted from.</param>
internal abstract class Segment(TokenBytes tokens, int first)
{
    /// <summary>The token that the next one is predicted from.</summary>
    public int Last { get; private set; } = first;

    /// <summary>Whether all symbols are through.</summary>
    public abstract bool IsDone { get; }

    /// <summary>The model's tokens.</summary>
    protected TokenBytes Tokens { get; } = tokens;

    /// <summary>How likely escapes are, and what they say.</summary>
    protected Escapes Escapes { get; } = new();

    /// <summary>Codes the next symbol.</summary>
    /// <param name="logProbabilities">[V], in nats: what the model expects.</param>
    /// <param name="frequencies">[V]: room to work in.</param>
    public void Turn(ReadOnlySpan<float> logProbabilities, Span<uint> frequencies)
    {
        ulong others = Frequencies.Of(logProbabilities, frequencies) - frequencies[Vocabulary.UnknownId];
        ulong escape = Tokens.SayAll ? 0 : Escapes.Frequency(frequencies[Vocabulary.UnknownId], others);
        Last = Code(frequencies, escape, others + escape);
        if (!Tokens.SayAll)
            Escapes.Learn(Last == Vocabulary.UnknownId);
    }

    /// <summary>Codes a symbol.</summary>
    /// <param name="frequencies">[V]: of the tokens; the first counts for nothing.</param>
    /// <param name="escape">The frequency of an escape, which comes before all tokens.</param>
    /// <param name="total">All of them.</param>
    /// <returns>The token.</returns>
    protected abstract int Code(ReadOnlySpan<uint> frequencies, ulong escape, ulong total);
}

using Unroll.Checkpoints;

namespace Unroll.Web.Sessions;

/// <summary>Where a text stands, so that it can go on from there: all that the model remembers of it. It never changes, so texts can
/// share one.</summary>
/// <param name="State">The model's state; null = nothing has been read.</param>
/// <param name="LastTokens">The last tokens behind it: a character may have begun in them.</param>
/// <param name="Tokens">How many tokens are behind it.</param>
internal sealed record Bookmark(RecurrentState? State, IReadOnlyList<int> LastTokens, long Tokens)
{
    /// <summary>A text's beginning.</summary>
    public static Bookmark Beginning { get; } = new(null, [], 0);

    /// <summary>Whether a model can go on from its numbers: one that grows without bound may come to some that are none.</summary>
    public bool IsFinite => State is null || State.Members.All(member => member.Arrays.All(array => FiniteNumbers.Are(array.Values)));

    /// <summary>The one after what a stream has read and produced since.</summary>
    public Bookmark After(GenerationOutcome outcome) =>
        outcome.State is null ? this : new Bookmark(outcome.State, outcome.LastTokens, Tokens + outcome.PrefixTokensRead + outcome.Tokens);
}

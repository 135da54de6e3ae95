namespace Unroll;

/// <summary>A text that a <see cref="BatchGenerator"/> is asked to continue. Every property has a default.</summary>
public sealed record GenerationRequest
{
    internal const int MostAlternatives = 100;

    /// <summary>What to continue.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The same as the ids of tokens, instead of <see cref="Prefix"/>; null = the text counts.</summary>
    public IReadOnlyList<int>? PrefixIds { get; init; }

    /// <summary>How to continue it; a length of 0 reads the prefix only. There is no beam search here.</summary>
    public GenerationOptions Options { get; init; } = new();

    /// <summary>The state of one row from which the prefix goes on, such as an earlier outcome's; it is copied. Null = a text's
    /// beginning, as for <see cref="TextGenerator"/>.</summary>
    public RecurrentState? Start { get; init; }

    /// <summary>Whether <see cref="GenerationOutcome.State"/> is wanted: the state after everything read and produced.</summary>
    public bool ReturnState { get; init; }

    /// <summary>Whether the prefix's tokens come too, before those produced, with their log-probabilities. All of it is read then,
    /// whatever is remembered.</summary>
    public bool ScorePrefix { get; init; }

    /// <summary>How many of the likeliest tokens are told for each token that comes, 0 to 100.</summary>
    public int Alternatives { get; init; }

    /// <summary>Whether a stop text is left out of the text. Tokens that may be its beginning then wait until it is certain.</summary>
    public bool OmitStopText { get; init; }

    /// <summary>Whether a remembered state may be used, and the states of this text remembered; nobody's text depends on it.</summary>
    public bool Remember { get; init; } = true;

    /// <summary>The last tokens that <see cref="Start"/> has behind it. They are not read again, but a character may have begun in
    /// them, a word comes after them with its space, and repetitions are counted from them on.</summary>
    internal IReadOnlyList<int> Behind { get; init; } = [];

    /// <summary>Checks that the request makes sense, but for its ids and its state, which only a model can judge.</summary>
    /// <exception cref="OptionsException">It does not.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Prefix);
        ArgumentNullException.ThrowIfNull(Options);
        Options.Validate();
        OptionsException.Require(Options.Beam == 1, nameof(GenerationOptions.Beam), $"must be 1 in a batch: a search is TextGenerator's.");
        OptionsException.Require(PrefixIds is null || Prefix.Length == 0, nameof(PrefixIds), $"stands instead of {new PropertyName(nameof(Prefix))}: give one of them.");
        OptionsException.Require(Alternatives >= 0 && Alternatives <= MostAlternatives, nameof(Alternatives), $"must be from 0 to {MostAlternatives}, not {Alternatives}.");
    }
}

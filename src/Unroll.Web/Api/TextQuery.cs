// What a client asks for, whichever endpoint it came through: prompts, and how each is to be continued.
using Unroll.Web.Models;
using Unroll.Web.Sessions;

namespace Unroll.Web.Api;

/// <summary>What is to be continued.</summary>
/// <param name="Text">As text.</param>
/// <param name="Ids">As the ids of tokens, instead; null = the text counts.</param>
internal readonly record struct Prompt(string Text, IReadOnlyList<int>? Ids = null);

/// <summary>A request for texts.</summary>
internal sealed record TextQuery
{
    /// <summary>Which model.</summary>
    public required ServedModel Model { get; init; }

    /// <summary>What to continue.</summary>
    public required IReadOnlyList<Prompt> Prompts { get; init; }

    /// <summary>How; each text of a prompt is another sample of the same seed.</summary>
    public required GenerationOptions Options { get; init; }

    /// <summary>How many texts of each prompt are answered.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>How many of each are made, of which the likeliest are answered.</summary>
    public int Tried { get; init; } = 1;

    /// <summary>Whether the prompt comes before the text.</summary>
    public bool Echo { get; init; }

    /// <summary>How many of the likeliest tokens are told in each one's place; null = no log-probabilities at all.</summary>
    public int? Alternatives { get; init; }

    /// <summary>Whether the texts come as they are made.</summary>
    public bool Streams { get; init; }

    /// <summary>Whether a stream ends with what was counted.</summary>
    public bool TellsUsage { get; init; }

    /// <summary>Where the prompt goes on from; null = it begins a text.</summary>
    public Bookmark? From { get; init; }

    /// <summary>Whether the state after the text is answered.</summary>
    public bool ReturnsState { get; init; }

    /// <summary>What is done at a text's end with the bookmark after it, before anybody hears that it has ended.</summary>
    public Func<Bookmark, Task>? Keep { get; init; }

    /// <summary>The bookmark after a text of this request.</summary>
    public Bookmark After(GenerationOutcome outcome) => (From ?? Bookmark.Beginning).After(outcome);

    /// <summary>The request for one text of one prompt.</summary>
    public GenerationRequest Of(Prompt prompt, int sample) => new()
    {
        Prefix = prompt.Ids is null ? prompt.Text : "",
        PrefixIds = prompt.Ids,
        Options = Options with { Sample = (ulong)sample },
        ScorePrefix = Echo && Alternatives is not null,
        Alternatives = Alternatives ?? 0,
        OmitStopText = true,
        Start = From?.State,
        Behind = From?.LastTokens ?? [],
        ReturnState = ReturnsState || Keep is not null,
    };
}

// What a client asks for, whichever endpoint it came through: prompts, and how each is to be continued.
using Unroll.Web.Models;

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

    /// <summary>The request for one text of one prompt.</summary>
    public GenerationRequest Of(Prompt prompt, int sample) => new()
    {
        Prefix = prompt.Ids is null ? prompt.Text : "",
        PrefixIds = prompt.Ids,
        Options = Options with { Sample = (ulong)sample },
        ScorePrefix = Echo && Alternatives is not null,
        Alternatives = Alternatives ?? 0,
        OmitStopText = true,
    };
}

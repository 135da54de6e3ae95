// From the abstractions' options to Unroll's. Whatever a request asks for is done or refused by name; nothing is ignored in silence.
using System.Globalization;
using Microsoft.Extensions.AI;

namespace Unroll.Extensions.AI;

/// <summary>What a request asks for.</summary>
internal static class RequestOptions
{
    /// <summary>How to generate.</summary>
    /// <param name="asked">What was asked for, or null.</param>
    /// <param name="own">The client's options.</param>
    /// <param name="client">The client, for what makes options of its own kind.</param>
    /// <exception cref="UnrollException">Something that there is not, or that makes no sense.</exception>
    public static GenerationOptions Of(ChatOptions? asked, UnrollChatOptions own, IChatClient client)
    {
        if (asked is null)
            return own.Generation;
        Refuse(asked, own);
        GenerationOptions start = asked.RawRepresentationFactory?.Invoke(client) as GenerationOptions ?? own.Generation;
        GenerationOptions options = start with
        {
            Length = asked.MaxOutputTokens ?? start.Length,
            Temperature = Number(asked.Temperature) ?? start.Temperature,
            TopP = Number(asked.TopP) ?? start.TopP,
            TopK = asked.TopK ?? start.TopK,
            FrequencyPenalty = Number(asked.FrequencyPenalty) ?? start.FrequencyPenalty,
            PresencePenalty = Number(asked.PresencePenalty) ?? start.PresencePenalty,
            Seed = asked.Seed is { } seed ? unchecked((ulong)seed) : start.Seed,
            StopSequences = asked.StopSequences is { } stops ? [.. stops] : start.StopSequences,
        };
        try
        {
            options.Validate();
        }
        catch (OptionsException exception)
        {
            throw new UnrollException(exception.Describe(property => property == nameof(GenerationOptions.Length) ? nameof(ChatOptions.MaxOutputTokens) : property), exception);
        }
        return options;
    }

    /// <summary>Refuses a model that is not this one.</summary>
    public static void RequireModel(string? asked, string own)
    {
        if (asked is not null && asked != own)
            throw new UnrollException($"There is no model \"{asked}\" here: this one is \"{own}\".");
    }

    /// <summary>Refuses properties that no name is known for.</summary>
    public static void RequireNoMore(AdditionalPropertiesDictionary? properties)
    {
        if (properties is { Count: > 0 })
            throw new UnrollException($"The option \"{properties.Keys.First()}\" is not supported: leave it out of {nameof(ChatOptions.AdditionalProperties)}.");
    }

    private static void Refuse(ChatOptions asked, UnrollChatOptions own)
    {
        RequireModel(asked.ModelId, own.ModelId);
        RequireNoMore(asked.AdditionalProperties);
        foreach ((string name, bool isGiven) in (ReadOnlySpan<(string, bool)>)
        [
            (nameof(ChatOptions.Tools), asked.Tools is { Count: > 0 }),
            (nameof(ChatOptions.ToolMode), asked.ToolMode is RequiredChatToolMode),
            (nameof(ChatOptions.ResponseFormat), asked.ResponseFormat is not (null or ChatResponseFormatText)),
            (nameof(ChatOptions.Reasoning), asked.Reasoning is not null),
            (nameof(ChatOptions.ContinuationToken), asked.ContinuationToken is not null),
            (nameof(ChatOptions.ConversationId), asked.ConversationId is not null && own.Conversations == 0),
        ])
            if (isGiven)
                throw new UnrollException($"{name} is not supported: this model continues text and does nothing else. Leave it out.");
    }

    // 0.8 as a float is no 0.8 as a double: what was meant is the number that was written.
    private static double? Number(float? value) => value is { } number ? double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : null;
}

using System.Text.Json.Serialization;

namespace Unroll.Web.Api;

/// <summary>What somebody says; in a stream, what is new of it.</summary>
internal sealed record ChatMessageJson(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Content);

/// <summary>A token and how likely it was.</summary>
/// <param name="Bytes">Its UTF-8.</param>
internal record ChatTokenJson(string Token, float Logprob, IReadOnlyList<int> Bytes);

/// <summary>A token of the text, with the likeliest in its place.</summary>
internal sealed record ChatTokenLogprobsJson(string Token, float Logprob, IReadOnlyList<int> Bytes, IReadOnlyList<ChatTokenJson> TopLogprobs);

/// <summary>The log-probabilities of a text's tokens.</summary>
internal sealed record ChatLogprobsJson(IReadOnlyList<ChatTokenLogprobsJson> Content)
{
    /// <summary>Of tokens that have come.</summary>
    public static ChatLogprobsJson Of(IReadOnlyList<GeneratedToken> tokens, Vocabulary vocabulary) => new([.. tokens.Select(token => new ChatTokenLogprobsJson(
        TokenNames.Of(token, vocabulary), TokenNames.Finite(token.LogProbability), Bytes(token.Text, token.Id, vocabulary),
        [.. token.Alternatives.Select(other => new ChatTokenJson(TokenNames.Of(other.Id, vocabulary), TokenNames.Finite(other.LogProbability), Bytes(TokenNames.Of(other.Id, vocabulary), other.Id, vocabulary)))]))]);

    private static int[] Bytes(string text, int id, Vocabulary vocabulary) => [.. TokenNames.Utf8(text, id, vocabulary).Select(value => (int)value)];
}

/// <summary>A text that has ended.</summary>
internal sealed record ChatChoiceJson(int Index, ChatMessageJson Message, ChatLogprobsJson? Logprobs, string FinishReason);

/// <summary>The answer of <c>/v1/chat/completions</c>.</summary>
/// <param name="Seed">An extension: the seed, with which the same request gives the same texts.</param>
internal sealed record ChatJson(
    string Id, string Object, long Created, string Model, string SystemFingerprint, IReadOnlyList<ChatChoiceJson> Choices, UsageJson Usage, long Seed);

/// <summary>The next piece of a text.</summary>
/// <param name="FinishReason"><c>stop</c> or <c>length</c>; null while it goes on.</param>
internal sealed record ChatDeltaJson(int Index, ChatMessageJson Delta, ChatLogprobsJson? Logprobs, string? FinishReason);

/// <summary>An event of the stream.</summary>
/// <param name="Usage">Null in every event but one behind the texts, if that is wanted.</param>
/// <param name="Seed">An extension: the seed, with which the same request gives the same texts.</param>
internal sealed record ChatChunkJson(
    string Id, string Object, long Created, string Model, string SystemFingerprint, IReadOnlyList<ChatDeltaJson> Choices, UsageJson? Usage, long Seed);

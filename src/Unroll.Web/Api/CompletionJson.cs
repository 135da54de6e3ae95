using System.Text.Json.Serialization;

namespace Unroll.Web.Api;

/// <summary>How much of the prompts had been read before.</summary>
internal sealed record PromptDetailsJson(int CachedTokens);

/// <summary>What was counted.</summary>
internal sealed record UsageJson(int PromptTokens, long CompletionTokens, long TotalTokens, PromptDetailsJson PromptTokensDetails);

/// <summary>A text, or the next piece of one.</summary>
/// <param name="FinishReason"><c>stop</c> or <c>length</c>; null while it goes on.</param>
internal sealed record CompletionChoiceJson(string Text, int Index, LogprobsJson? Logprobs, string? FinishReason);

/// <summary>The answer of <c>/v1/completions</c>, and each event of its stream.</summary>
/// <param name="Usage">Null in every event but one behind the texts, if that is wanted.</param>
/// <param name="Seed">An extension: the seed, with which the same request gives the same texts.</param>
/// <param name="State">An extension: where the text stands at its end, if that is wanted.</param>
internal sealed record CompletionJson(
    string Id, string Object, long Created, string Model, string SystemFingerprint, IReadOnlyList<CompletionChoiceJson> Choices,
    UsageJson? Usage, long Seed, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? State = null);

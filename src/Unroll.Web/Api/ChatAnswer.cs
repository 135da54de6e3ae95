using Microsoft.AspNetCore.Http;
using Unroll.Web.Models;

namespace Unroll.Web.Api;

/// <summary>The answers of <c>/v1/chat/completions</c>.</summary>
/// <param name="run">The texts.</param>
internal sealed class ChatAnswer(TextRun run) : TextAnswer(run)
{
    private const string Speaker = "assistant";

    private readonly string id = AnswerId.New("chatcmpl");

    private ServedModel Model => Run.Query.Model;

    /// <inheritdoc/>
    protected override Task WriteAsync(HttpContext context, IReadOnlyList<FinishedText> texts, UsageJson usage)
    {
        ChatChoiceJson[] choices = [.. texts.Select(text =>
            new ChatChoiceJson(text.Index, new ChatMessageJson(Speaker, text.Piece.Text), Logprobs(text.Piece), FinishWords.Of(text.Outcome.Reason)))];
        return JsonAnswer.WriteAsync(
            context, new ChatJson(id, "chat.completion", Created, Model.Id, AnswerId.Fingerprint(Model), choices, usage, Seed), ApiJson.Readable.ChatJson);
    }

    /// <inheritdoc/>
    protected override Task SendAsync(EventStream events, int index, Piece piece, bool isFirst, string? finish)
    {
        var delta = new ChatMessageJson(isFirst ? Speaker : null, finish is null || isFirst ? piece.Text : null);
        return SendAsync(events, [new ChatDeltaJson(index, delta, Logprobs(piece), finish)], null);
    }

    /// <inheritdoc/>
    protected override Task SendAsync(EventStream events, UsageJson usage) => SendAsync(events, [], usage);

    private Task SendAsync(EventStream events, IReadOnlyList<ChatDeltaJson> choices, UsageJson? usage) => events.SendAsync(
        new ChatChunkJson(id, "chat.completion.chunk", Created, Model.Id, AnswerId.Fingerprint(Model), choices, usage, Seed), ApiJson.Readable.ChatChunkJson);

    private ChatLogprobsJson? Logprobs(Piece piece) => Run.Query.Alternatives is not null ? ChatLogprobsJson.Of(piece.Tokens, Model.Vocabulary) : null;
}

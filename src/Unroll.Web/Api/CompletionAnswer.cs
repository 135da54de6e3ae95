using Microsoft.AspNetCore.Http;
using Unroll.Web.Models;

namespace Unroll.Web.Api;

/// <summary>The answers of <c>/v1/completions</c>.</summary>
/// <param name="run">The texts.</param>
internal sealed class CompletionAnswer(TextRun run) : TextAnswer(run)
{
    private readonly string id = AnswerId.New("cmpl");

    private ServedModel Model => Run.Query.Model;

    /// <inheritdoc/>
    protected override Task WriteAsync(HttpContext context, IReadOnlyList<FinishedText> texts, UsageJson usage) => JsonAnswer.WriteAsync(
        context, Of([.. texts.Select(text => ChoiceOf(text.Index, text.Piece, FinishWords.Of(text.Outcome.Reason)))], usage) with { State = StateAfter(texts[0].Outcome) }, ApiJson.Readable.CompletionJson);

    /// <inheritdoc/>
    protected override async Task SendAsync(EventStream events, int index, Piece piece, bool isFirst, string? finish)
    {
        string? state = finish is not null && Run.Query.ReturnsState ? StateAfter(await Run.Choices[0].Outcome) : null;
        await events.SendAsync(Of([ChoiceOf(index, piece, finish)], null) with { State = state }, ApiJson.Readable.CompletionJson);
    }

    /// <inheritdoc/>
    protected override Task SendAsync(EventStream events, UsageJson usage) => events.SendAsync(Of([], usage), ApiJson.Readable.CompletionJson);

    private CompletionJson Of(IReadOnlyList<CompletionChoiceJson> choices, UsageJson? usage) =>
        new(id, "text_completion", Created, Model.Id, AnswerId.Fingerprint(Model), choices, usage, Seed);

    private string? StateAfter(GenerationOutcome outcome) => Run.Query.ReturnsState ? StateFields.Text(Run.Query.After(outcome), Model) : null;

    private CompletionChoiceJson ChoiceOf(int index, Piece piece, string? finish) =>
        new(piece.Text, index, Run.Query.Alternatives is not null ? LogprobsJson.Of(piece.Tokens, Model.Vocabulary) : null, finish);
}

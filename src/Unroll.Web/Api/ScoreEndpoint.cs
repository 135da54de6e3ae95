// POST /v1/score: how surprising texts are. They go through the same loop as the texts that are being written, in pieces between the
// others' steps, so that no stream waits for a log of ten thousand lines. A TextScorer of its own would be faster alone, and would take
// the cores from the loop whenever it ran, and the memory of the weights a second time.
using Microsoft.AspNetCore.Http;
using Unroll.Web.Models;
using Unroll.Web.Safety;

namespace Unroll.Web.Api;

/// <summary>Scores texts.</summary>
/// <param name="models">The models there are.</param>
/// <param name="limits">What may be asked for.</param>
internal sealed class ScoreEndpoint(ServedModels models, ServeOptions limits)
{
    // As many of a request's texts go side by side as the loop reads at a time: more would only keep slots from others.
    private const int MostTogether = 16;

    // Reads nothing and writes nothing: after it stands what every text is predicted from, as by TextScorer.
    private static readonly GenerationRequest Nothing = new() { Options = new GenerationOptions { Length = 0 }, ReturnState = true };

    /// <summary>Answers a request.</summary>
    public async Task Score(HttpContext context)
    {
        ScoreQuery query = await JsonBody.ReadAsync(context, fields => ScoreQuery.Read(fields, models, limits));
        var scores = new ScoreJson[query.Texts.Count];
        RecurrentState start = await BeginningAsync(query.Model, context.RequestAborted);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, scores.Length), new ParallelOptions { MaxDegreeOfParallelism = Math.Min(MostTogether, limits.Slots), CancellationToken = context.RequestAborted },
            async (i, cancellationToken) => scores[i] = await ScoreAsync(query, i, start, cancellationToken));
        int tokens = query.Texts.Sum(text => text.Ids.Length);
        await JsonAnswer.WriteAsync(
            context, new ScoreListJson("list", query.Model.Id, AnswerId.Fingerprint(query.Model), scores, new UsageJson(tokens, 0, tokens, new PromptDetailsJson(0))),
            ApiJson.Readable.ScoreListJson);
    }

    private static async Task<RecurrentState> BeginningAsync(ServedModel model, CancellationToken cancellationToken)
    {
        using GenerationStream stream = model.Generator.Start(Nothing, cancellationToken);
        return (await EndOf(stream, cancellationToken)).State!;
    }

    private static async Task<ScoreJson> ScoreAsync(ScoreQuery query, int index, RecurrentState start, CancellationToken cancellationToken)
    {
        TextToScore text = query.Texts[index];
        var request = new GenerationRequest
        {
            PrefixIds = text.Ids,
            Start = start,
            Options = Nothing.Options,
            ScorePrefix = true,
            Alternatives = Math.Max(1, query.Alternatives ?? 0), // the likeliest knows the entropy
        };
        ServingTimes.TextTime time = query.Model.Times.Begin();
        using GenerationStream stream = query.Model.Generator.Start(request, cancellationToken);
        var tokens = new ScoredTokens(text, query.Alternatives);
        await foreach (GeneratedToken token in stream.Tokens.ReadAllAsync(cancellationToken))
            tokens.Add(token);
        time.End((await EndOf(stream, cancellationToken)).Tokens);
        return ScoreJson.Of(index, tokens.Score, query.Alternatives is null ? null : LogprobsJson.Of(tokens.All, query.Model.Vocabulary));
    }

    private static async Task<GenerationOutcome> EndOf(GenerationStream stream, CancellationToken cancellationToken)
    {
        GenerationOutcome outcome = await stream.Outcome;
        cancellationToken.ThrowIfCancellationRequested();
        return outcome.Reason is FinishReason.Disposed or FinishReason.Cancelled ? throw Refusals.Closing : outcome;
    }
}

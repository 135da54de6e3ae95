// The texts of one request, side by side among everybody else's.
using Unroll.Web.Models;
using Unroll.Web.Safety;
using Unroll.Web.Sessions;

namespace Unroll.Web.Api;

/// <summary>A text that has come to its end.</summary>
/// <param name="Index">Its place among the request's choices.</param>
/// <param name="Piece">All of it.</param>
/// <param name="Outcome">How it ended.</param>
internal sealed record FinishedText(int Index, Piece Piece, GenerationOutcome Outcome);

/// <summary>Starts the texts of a request, and ends them when the request ends.</summary>
internal sealed class TextRun : IDisposable
{
    private readonly List<Choice> choices = [];

    private TextRun(TextQuery query) => Query = query;

    /// <summary>What was asked for.</summary>
    public TextQuery Query { get; }

    /// <summary>The texts.</summary>
    public IReadOnlyList<Choice> Choices => choices;

    /// <summary>Starts them all, or none.</summary>
    /// <param name="query">What is asked for.</param>
    /// <param name="cancellationToken">Ends them within two steps, wherever they are.</param>
    /// <exception cref="UnrollException">They make no sense, or there is no room for so many.</exception>
    public static TextRun Start(TextQuery query, CancellationToken cancellationToken)
    {
        var run = new TextRun(query);
        try
        {
            for (int prompt = 0; prompt < query.Prompts.Count; prompt++)
                for (int sample = 0; sample < query.Tried; sample++)
                    run.choices.Add(run.Begin(prompt, sample, cancellationToken));
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>A text's place among the choices of the answer.</summary>
    public int IndexOf(Choice choice) => choice.Prompt * Query.Choices + choice.Sample;

    /// <summary>Waits for all texts, and chooses the best where more were made than are wanted.</summary>
    /// <exception cref="Refusal">The server is stopping.</exception>
    public async Task<IReadOnlyList<FinishedText>> WholeAsync(CancellationToken cancellationToken)
    {
        // All are read at once: one that nobody reads would sit out.
        Piece[] pieces = await Task.WhenAll(choices.Select(choice => choice.WholeAsync(cancellationToken)));
        GenerationOutcome[] outcomes = await Task.WhenAll(choices.Select(choice => choice.Outcome));
        cancellationToken.ThrowIfCancellationRequested();
        if (outcomes.Any(outcome => outcome.Reason is FinishReason.Disposed or FinishReason.Cancelled))
            throw Refusals.Closing;
        return [.. choices.Zip(pieces, outcomes).GroupBy(text => text.First.Prompt).SelectMany(ofPrompt => ofPrompt
            .OrderByDescending(text => Query.Tried > Query.Choices ? text.First.MeanLogProbability : 0).Take(Query.Choices)
            .Select((text, i) => new FinishedText(ofPrompt.Key * Query.Choices + i, text.Second, text.Third)))];
    }

    /// <summary>What was counted, when all have ended.</summary>
    public async Task<UsageJson> UsageAsync()
    {
        int prompt = 0, cached = 0;
        long produced = 0;
        foreach (Choice choice in choices)
        {
            GenerationOutcome outcome = await choice.Outcome;
            produced += outcome.Tokens;
            if (choice.Sample > 0)
                continue; // the same prompt again
            prompt += outcome.PrefixTokens;
            cached += outcome.CachedTokens;
        }
        return new UsageJson(prompt, produced, prompt + produced, new PromptDetailsJson(cached));
    }

    /// <summary>Ends those that have not ended.</summary>
    public void Dispose() => choices.ForEach(choice => choice.Stream.Dispose());

    private async Task<GenerationOutcome> EndOf(GenerationStream stream, ServingTimes.TextTime time)
    {
        Bookmark? after = Query.From;
        try
        {
            GenerationOutcome outcome = await stream.Outcome;
            time.End(outcome.Tokens);
            after = Query.After(outcome);
            return outcome;
        }
        finally
        {
            if (Query.Keep is { } keep)
                await keep(after ?? Bookmark.Beginning);
        }
    }

    private Choice Begin(int number, int sample, CancellationToken cancellationToken)
    {
        (Prompt prompt, ServedModel model) = (Query.Prompts[number], Query.Model);
        GenerationRequest request = Query.Of(prompt, sample);
        ServingTimes.TextTime time = model.Times.Begin();
        GenerationStream stream = model.Generator.Start(request, cancellationToken);
        string echo = !Query.Echo || request.ScorePrefix ? "" : prompt.Ids is { } ids ? model.Vocabulary.Decode(ids) : prompt.Text;
        return new Choice(number, sample, stream, echo, Query.Alternatives is not null, time, EndOf(stream, time));
    }
}

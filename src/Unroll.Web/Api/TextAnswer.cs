// One way from a request to its texts, for completions and for chat: they differ in words only.
using Microsoft.AspNetCore.Http;
using Unroll.Web.Safety;

namespace Unroll.Web.Api;

/// <summary>Puts texts into the words of an endpoint, all at once or as they come.</summary>
/// <param name="run">The texts.</param>
internal abstract class TextAnswer(TextRun run)
{
    // A token an event would be more wire than text: the first comes at once, and then all that has come in this time.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(15);

    /// <summary>The texts.</summary>
    protected TextRun Run { get; } = run;

    /// <summary>When they were asked for, in seconds since 1970.</summary>
    protected long Created { get; } = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <summary>The seed, as the client would send it.</summary>
    protected long Seed => unchecked((long)Run.Query.Options.Seed);

    /// <summary>Answers.</summary>
    /// <param name="context">Whom.</param>
    /// <param name="clock">What paces a stream.</param>
    public async Task WriteAsync(HttpContext context, TimeProvider clock)
    {
        if (Run.Query.Streams)
            await StreamAsync(context, clock);
        else
            await WriteAsync(context, await Run.WholeAsync(context.RequestAborted), await Run.UsageAsync());
    }

    /// <summary>Answers with texts that have ended.</summary>
    protected abstract Task WriteAsync(HttpContext context, IReadOnlyList<FinishedText> texts, UsageJson usage);

    /// <summary>Sends a piece of a text.</summary>
    /// <param name="events">Where to.</param>
    /// <param name="index">Which text.</param>
    /// <param name="piece">What has come; nothing, where it ends.</param>
    /// <param name="isFirst">Whether it is the text's first.</param>
    /// <param name="finish">Why the text has ended; null while it goes on.</param>
    protected abstract Task SendAsync(EventStream events, int index, Piece piece, bool isFirst, string? finish);

    /// <summary>Sends what was counted.</summary>
    protected abstract Task SendAsync(EventStream events, UsageJson usage);

    private async Task StreamAsync(HttpContext context, TimeProvider clock)
    {
        using var events = new EventStream(context, clock);
        await events.BeginAsync();
        Task[] texts = [.. Run.Choices.Select(choice => SendAsync(choice, events, clock, context.RequestAborted))];
        try
        {
            await Task.WhenAll(texts);
            if (Run.Query.TellsUsage)
                await SendAsync(events, await Run.UsageAsync());
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            // It is too late for a status, but clients read an error among the events.
            await events.SendAsync(ErrorJson.Of(Refusals.Of(exception)).ToBytes());
            throw;
        }
        await events.EndAsync();
    }

    private async Task SendAsync(Choice choice, EventStream events, TimeProvider clock, CancellationToken cancellationToken)
    {
        bool isFirst = true;
        while (await choice.NextAsync(cancellationToken) is { } piece)
        {
            if (piece.Text.Length == 0 && piece.Tokens.Count == 0)
                continue; // bytes that complete no character yet
            await SendAsync(events, Run.IndexOf(choice), piece, isFirst, finish: null);
            isFirst = false;
            await Task.Delay(Interval, clock, cancellationToken);
        }
        await SendAsync(events, Run.IndexOf(choice), Piece.Empty, isFirst, FinishWords.Of((await choice.Outcome).Reason));
    }
}

// Server-sent events, written by several texts at once. Whoever reads slowly makes them wait here, and their generator's room fill up,
// which lets them sit out: nobody else waits. But a slot is theirs as long, so who reads nothing is not waited for without end.
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Unroll.Web.Api;

/// <summary>The events of one answer.</summary>
/// <param name="context">Whose.</param>
/// <param name="clock">What measures how long a client reads nothing.</param>
internal sealed class EventStream(HttpContext context, TimeProvider clock) : IDisposable
{
    /// <summary>How long an event may wait for its reader.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim turn = new(1);

    /// <summary>Tells the client that events will come.</summary>
    public async Task BeginAsync()
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // a proxy that gathers events makes a stream pointless
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    /// <summary>Sends one event.</summary>
    public Task SendAsync<T>(T value, JsonTypeInfo<T> type) => SendAsync(JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>Says that no event will follow.</summary>
    public Task EndAsync() => SendAsync("[DONE]"u8.ToArray());

    /// <summary>Sends one event.</summary>
    /// <param name="data">On one line.</param>
    public async Task SendAsync(byte[] data)
    {
        byte[] line = [.. "data: "u8, .. data, .. "\n\n"u8];
        await turn.WaitAsync(context.RequestAborted);
        try
        {
            await WriteAsync(line).WaitAsync(Patience, clock, context.RequestAborted);
        }
        catch (TimeoutException)
        {
            // The event is still being written until the connection is gone, so nobody else has a turn before.
            context.Abort();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private async Task WriteAsync(byte[] line)
    {
        await context.Response.Body.WriteAsync(line, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}

using System.Threading.Channels;

namespace Unroll.Tests.Web;

/// <summary>A clock whose timers go off when a test says so, in the order in which they were set.</summary>
internal sealed class StoppedTimers : TimeProvider
{
    private readonly Channel<(TimeSpan Due, TimerCallback Callback, object? State)> timers = Channel.CreateUnbounded<(TimeSpan, TimerCallback, object?)>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        timers.Writer.TryWrite((dueTime, callback, state));
        return new Idle();
    }

    /// <summary>Waits until a timer is set, which must be for this time, and lets it go off.</summary>
    public async Task FireAsync(TimeSpan expected)
    {
        (TimeSpan due, TimerCallback callback, object? state) = await timers.Reader.ReadAsync(Xunit.TestContext.Current.CancellationToken);
        Xunit.Assert.Equal(expected, due);
        callback(state);
    }

    private sealed class Idle : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

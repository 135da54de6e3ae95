using Xunit;

namespace Unroll.Tests.Web;

/// <summary>A clock whose timers go off when a test says so.</summary>
internal sealed class StoppedTimers : TimeProvider
{
    private readonly List<StoppedTimer> set = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new StoppedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits until a timer is set for this time, and lets it go off.</summary>
    public Task FireAsync(TimeSpan due) => FireAsync(timer => timer.Due == due);

    /// <summary>Waits until any timer is set, and lets it go off.</summary>
    /// <returns>For when it was set.</returns>
    public Task<TimeSpan> FireAnyAsync() => FireAsync(_ => true);

    private async Task<TimeSpan> FireAsync(Predicate<StoppedTimer> which)
    {
        while (true)
        {
            StoppedTimer? timer;
            lock (set)
                if ((timer = set.Find(which)) is not null)
                    set.Remove(timer);
            if (timer is not null)
            {
                timer.GoOff();
                return timer.Due;
            }
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private sealed class StoppedTimer(StoppedTimers clock, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan Due { get; private set; }

        public void GoOff() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.set)
            {
                clock.set.Remove(this);
                Due = dueTime;
                if (dueTime >= TimeSpan.Zero)
                    clock.set.Add(this);
            }
            return true;
        }

        public void Dispose()
        {
            lock (clock.set)
                clock.set.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

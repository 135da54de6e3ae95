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
    public async Task FireAsync(TimeSpan due)
    {
        while (Fire(timer => timer.Due == due) == 0)
            await Task.Delay(1, TestContext.Current.CancellationToken);
    }

    /// <summary>Lets all timers go off that are set.</summary>
    public void FireAll() => Fire(_ => true);

    private int Fire(Predicate<StoppedTimer> which)
    {
        StoppedTimer[] due;
        lock (set)
        {
            due = [.. set.FindAll(which)];
            set.RemoveAll(which);
        }
        foreach (StoppedTimer timer in due)
            timer.GoOff();
        return due.Length;
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

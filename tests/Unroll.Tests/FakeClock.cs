namespace Unroll.Tests;

/// <summary>A clock that stands still, but for what it is told and for a step whenever somebody looks at it.</summary>
internal sealed class FakeClock(TimeSpan step = default) : TimeProvider
{
    private TimeSpan now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => (now += step).Ticks;

    public void Advance(TimeSpan time) => now += time;
}

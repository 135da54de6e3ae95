namespace Unroll.Tests.Web;

/// <summary>A date that stands still until it is told to go on.</summary>
internal sealed class Calendar : TimeProvider
{
    private DateTimeOffset now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => now;

    public void Advance(TimeSpan time) => now += time;
}

using Unroll.Options;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

/// <summary>Simulated runs on machines whose speed changes: whatever it does, the run ends in time, and its plan with it.</summary>
public class TimeBudgetTests
{
    private const double Update = 0.004, Measurement = 0.3, Save = 0.05, Afterwards = 0.25;

    public static TheoryData<double, string> Machines => new(
        from budget in new[] { 60.0, 180, 3600 }
        from speed in new[] { "steady", "slower", "faster", "wave", "late stall", "slow start" }
        select (budget, speed));

    [Theory]
    [MemberData(nameof(Machines))]
    public void ARunEndsWithinAFiftiethOfItsBudgetAndAtItsPlansEnd(double budget, string machine)
    {
        (double seconds, double done, int revisions) = Simulate(budget, at => Speed(machine, at), measurements: 20);
        Assert.InRange(seconds, 0.98 * budget, 1.01 * budget);
        Assert.InRange(done, machine == "late stall" ? 0.98 : 0.995, 1);
        Assert.InRange(revisions, 5, 20);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)] // more than their distance lets through
    public void MeasurementsAreReckonedWith(int measurements)
    {
        (double seconds, double done, _) = Simulate(60, _ => 1, measurements);
        Assert.InRange(seconds, 59, 60.3);
        Assert.InRange(done, 0.995, 1);
    }

    [Fact]
    public void AClockThatStandsStillPlansNothing()
    {
        var clock = new RunClock(new FakeClock(), null, 30, 0);
        var budget = new TimeBudget(clock, TimeSpan.FromSeconds(1), TimeSpan.Zero, 0);
        for (int updates = 1; updates < 100; updates++)
        {
            budget.Look(updates);
            Assert.False(budget.IsSpent || budget.RevisionDue);
        }
    }

    [Fact]
    public void ASpentBudgetOfAResumedRunIsSpentAtOnce()
    {
        var clock = new RunClock(new FakeClock(), null, 30, secondsBefore: 10);
        Assert.True(new TimeBudget(clock, TimeSpan.FromSeconds(10), TimeSpan.Zero, 5).IsSpent);
        Assert.False(new TimeBudget(clock, TimeSpan.FromSeconds(11), TimeSpan.Zero, 5).IsSpent);
        Assert.False(new TimeBudget(clock, TimeSpan.FromSeconds(10), TimeSpan.Zero, 0).IsSpent); // a new one makes an update at least
    }

    // How much longer than usual everything takes after a part of the budget.
    private static double Speed(string machine, double at) => machine switch
    {
        "slower" => 1 + 0.3 * at,
        "faster" => 1 - 0.3 * at,
        "wave" => 1 + 0.3 * Math.Sin(40 * at),
        "late stall" => at > 0.985 ? 1.5 : 1,
        "slow start" => at < 0.03 ? 4 : 1,
        _ => 1,
    };

    private static (double Seconds, double Done, int Revisions) Simulate(double seconds, Func<double, double> speed, int measurements)
    {
        var time = new FakeClock();
        var clock = new RunClock(time, null, 30, 0);
        Take(seconds / 20); // reading
        var pace = new Pace();
        var budget = new TimeBudget(clock, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(Afterwards), 0) { MeasurementSeconds = 1.2 * Measurement, SaveSeconds = Save };
        const long Distance = 500;
        long updates = 0, measuredAt = 0, part = 0;
        int revisions = 0;
        while (updates == 0 || !(budget.IsSpent || updates >= pace.Total))
        {
            Take(Update);
            updates++;
            budget.Look(updates);
            if (budget.RevisionDue && !(updates >= pace.Total))
            {
                budget.Revise(pace, updates, Math.Max(0, measurements - 1 - part), Distance);
                revisions++;
            }
            long now = (long)(pace.After(updates) * measurements);
            if (now > part && updates - measuredAt >= Distance && now < measurements)
            {
                Take(Measurement);
                budget.Measured(Measurement * speed(clock.Seconds / seconds));
                (part, measuredAt) = (now, updates);
            }
        }
        Take(Measurement + Save + Afterwards);
        return (clock.Seconds, pace.After(updates), revisions);

        void Take(double usually) => time.Advance(TimeSpan.FromSeconds(usually * speed(clock.Seconds / seconds)));
    }
}

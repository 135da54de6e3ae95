using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

public class LearningRateTests
{
    [Theory]
    [InlineData(Schedule.Constant, 0, 0.5)]
    [InlineData(Schedule.Constant, 1, 0.5)]
    [InlineData(Schedule.Linear, 0, 0.5)]
    [InlineData(Schedule.Linear, 0.25, 0.375)]
    [InlineData(Schedule.Linear, 1, 0)]
    [InlineData(Schedule.Cosine, 0, 0.5)]
    [InlineData(Schedule.Cosine, 0.5, 0.25)]
    [InlineData(Schedule.Cosine, 1, 0)]
    public void FollowsItsSchedule(Schedule schedule, double fraction, double expected) =>
        Assert.Equal(expected, LearningRate.At(new() { LearningRate = 0.5, Schedule = schedule }, 100, fraction), 1e-15);

    [Theory]
    [InlineData(Schedule.Linear, 0.6, 1)]
    [InlineData(Schedule.Linear, 0.75, 1)]
    [InlineData(Schedule.Linear, 0.875, 0.5)]
    [InlineData(Schedule.Cosine, 0.75, 1)]
    [InlineData(Schedule.Cosine, 0.875, 0.5)]
    [InlineData(Schedule.Power, 0.875, 0.125)]
    [InlineData(Schedule.Power, 1, 0)]
    public void StaysUntilTheCooldownBegins(Schedule schedule, double fraction, double expected) =>
        Assert.Equal(expected, LearningRate.At(new() { LearningRate = 1, Schedule = schedule, Cooldown = 0.25, SchedulePower = 3 }, 100, fraction), 1e-15);

    [Fact]
    public void ACooldownOfTheWholeRunIsNone()
    {
        for (double fraction = 0; fraction <= 1; fraction += 1 / 128.0)
            Assert.Equal(1 - fraction, LearningRate.At(new() { LearningRate = 1, Schedule = Schedule.Linear }, 100, fraction));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(1.2)]
    [InlineData(7)]
    public void APowerIsTheMathematicalOne(double power)
    {
        for (int i = 0; i <= 1000; i++)
        {
            double expected = Math.Pow(1 - i / 1000.0, power);
            Assert.Equal(expected, LearningRate.At(new() { LearningRate = 1, Schedule = Schedule.Power, SchedulePower = power }, 100, i / 1000.0), 1e-14 * expected);
        }
    }

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(1, 0.2)]
    [InlineData(9, 1)]
    [InlineData(10, 1)]
    [InlineData(11, 1)]
    public void RisesDuringWarmup(long updates, double expected) =>
        Assert.Equal(expected, LearningRate.At(new() { LearningRate = 1, Warmup = 10 }, updates, 0), 1e-15);
}

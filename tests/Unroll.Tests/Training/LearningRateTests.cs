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
    [InlineData(0, 0.1)]
    [InlineData(1, 0.2)]
    [InlineData(9, 1)]
    [InlineData(10, 1)]
    [InlineData(11, 1)]
    public void RisesDuringWarmup(long updates, double expected) =>
        Assert.Equal(expected, LearningRate.At(new() { LearningRate = 1, Warmup = 10 }, updates, 0), 1e-15);
}

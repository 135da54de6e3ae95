using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

/// <summary>What a machine's speed is by the clock.</summary>
public class MachineSpeedTests
{
    private const int TokensOfAnUpdate = 512;

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.01)]
    [InlineData(5)]
    public void It_is_the_tokens_of_an_update_by_its_time(double seconds) =>
        Assert.Equal(TokensOfAnUpdate / seconds, MachineSpeed.TokensPerSecond(new FakeClock(TimeSpan.FromSeconds(seconds))), 1e-6);

    [Fact]
    public void The_best_moment_counts()
    {
        // Updates of 0.06, 0.02, 0.05 … seconds, and then it is over.
        Assert.Equal(TokensOfAnUpdate / 0.02, MachineSpeed.TokensPerSecond(new BusyClock([0.06, 0.02, 0.05, 0.07])), 1e-6);
    }

    // Every second look, which ends an update, finds that some time has passed.
    private sealed class BusyClock(double[] updates) : TimeProvider
    {
        private TimeSpan now;
        private int looks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp()
        {
            // The first look starts the whole; from the fourth update on there is one more before each.
            (int update, bool ends) = looks <= 6 ? ((looks - 1) / 2, looks > 0 && looks % 2 == 0) : ((looks - 7) / 3 + 3, (looks - 7) % 3 == 2);
            looks++;
            if (ends)
                now += TimeSpan.FromSeconds(updates[update % updates.Length]);
            return now.Ticks;
        }
    }
}

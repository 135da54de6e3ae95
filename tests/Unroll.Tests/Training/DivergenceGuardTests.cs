using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

public class DivergenceGuardTests
{
    private const double Uniform = 3.3; // ln 27

    [Fact]
    public void AHighLossThatStaysIsDivergence() => Assert.True(Run(Enumerable.Repeat(9.0, 200)));

    [Fact]
    public void ALossBackAtABlindGuessAfterMuchBetterIsDivergence() =>
        Assert.True(Run(Enumerable.Repeat(1.0, 100).Concat(Enumerable.Repeat(4.0, 200))));

    [Fact]
    public void ALossThatNeverLeavesABlindGuessIsNone() => Assert.False(Run(Enumerable.Repeat(Uniform + 0.5, 2000)));

    [Fact]
    public void SpikesThatPassAreNone() =>
        Assert.False(Run(Enumerable.Range(0, 5000).Select(i => i % 100 < 20 ? 12.0 : 1.0)));

    [Fact]
    public void AHighStartThatComesDownIsNone() =>
        Assert.False(Run(Enumerable.Range(0, 1000).Select(i => 1 + 10 * Math.Exp(-i / 20.0))));

    private static bool Run(IEnumerable<double> losses)
    {
        var guard = new DivergenceGuard();
        return losses.Any(loss => guard.Add(loss, Uniform));
    }
}

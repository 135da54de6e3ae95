using Unroll.Options;
using Xunit;

namespace Unroll.Tests.Options;

public class PaceTests
{
    [Fact]
    public void ARunOfAKnownLengthGoesInEqualSteps()
    {
        Pace pace = Pace.Parse("0:70")!;
        Assert.All(Enumerable.Range(0, 71), updates => Assert.Equal(updates / 70.0, pace.After(updates)));
        Assert.Equal(1, pace.After(71));
    }

    [Fact]
    public void NothingIsDoneBeforeAPlan()
    {
        var pace = new Pace();
        Assert.Equal((0.0, null), (pace.After(1_000_000), pace.Total));
        Assert.Equal("none", pace.ToString());
        Assert.Equal(0, Pace.Parse("none")!.After(5));
        Assert.Equal(0, Pace.Parse("10:20")!.After(10));
    }

    [Fact]
    public void ARevisionGoesOnFromWhereTheRunIsToTheNewEnd()
    {
        var pace = new Pace();
        pace.Revise(10, 110);
        Assert.Equal(0.5, pace.After(60));
        pace.Revise(60, 80);
        Assert.Equal([0.5, 0.75, 1], new[] { 60L, 70, 80 }.Select(pace.After));
        Assert.Equal(0.4, pace.After(50)); // what was before stays
        Assert.Equal(80, pace.Total);
        pace.Revise(79, 20);
        Assert.Equal(80, pace.Total); // at least one more
    }

    [Fact]
    public void ItsTextIsThePaceToTheBit()
    {
        var pace = new Pace();
        foreach ((long at, long total) in new[] { (17L, 1033L), (41, 977), (333, 1211), (907, 1009) })
            pace.Revise(at, total);
        Assert.Equal("17:1033,41:977,333:1211,907:1009", pace.ToString());
        Pace again = Pace.Parse(pace.ToString())!;
        double before = 0;
        for (long updates = 0; updates <= 1010; updates++)
        {
            Assert.Equal(pace.After(updates), again.After(updates));
            Assert.InRange(pace.After(updates), before, 1);
            before = pace.After(updates);
        }
        Assert.Equal(1, before);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5:5")]
    [InlineData("5:9,5:10")]
    [InlineData("5:9,4:10")]
    [InlineData("5:9,")]
    [InlineData("-1:9")]
    [InlineData(" 1:9")]
    [InlineData("1:9:10")]
    [InlineData("1:99999999999999999999")]
    public void AnythingElseIsNone(string text) => Assert.Null(Pace.Parse(text));
}

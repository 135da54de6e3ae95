using Xunit;

namespace Unroll.Tests.Data.Ids;

public class TextStatisticsTests
{
    [Fact]
    public void CountsTheWholeText()
    {
        TextStatistics statistics = TextStatistics.Measure(TextSource.FromString("b時aa時"), minCount: 2);
        Assert.Equal(["<unk>", "時", "a"], statistics.Vocabulary.Tokens);
        Assert.Equal([1, 2, 2], statistics.Counts);
        Assert.Equal((5, 5, 9), (statistics.Tokens, statistics.Characters, statistics.Bytes));
    }

    [Fact]
    public void ItTellsHowFarItIsAndCanBeStopped()
    {
        using var stop = new CancellationTokenSource();
        var progress = new StopAtOnce(stop);
        Assert.ThrowsAny<OperationCanceledException>(() =>
            TextStatistics.Measure(TextSource.FromString(new string('a', 100_000)), progress: progress, cancellationToken: stop.Token));
        Assert.Equal(1, progress.Reports);
    }

    [Fact]
    public void AnEmptyTextIsASentence() =>
        Assert.Contains("nothing in notes.txt", Assert.Throws<UnrollException>(() => TextStatistics.Measure(TextSource.FromString("", "notes.txt"))).Message);

    private sealed class StopAtOnce(CancellationTokenSource stop) : IProgress<ReadingProgress>
    {
        public int Reports { get; private set; }

        public void Report(ReadingProgress value)
        {
            Assert.True(value.Bytes > 0);
            Reports++;
            stop.Cancel();
        }
    }
}

using Xunit;

namespace Unroll.Tests.Data;

public class TextStatisticsTests
{
    [Fact]
    public void CountsTheWholeText()
    {
        TextStatistics statistics = TextStatistics.Measure(TextSource.FromString("b時aa時"), new TextOptions { MinCount = 2, MaxTokens = 1, Validation = 0.9 });
        Assert.Equal(["<unk>", "時", "a"], statistics.Vocabulary.Tokens);
        Assert.Equal([1, 2, 2], statistics.Counts);
        Assert.Equal((5, 5, 9), (statistics.Tokens, statistics.Characters, statistics.Bytes));
    }

    [Fact]
    public void AnEmptyTextIsASentence() =>
        Assert.Contains("nothing in notes.txt", Assert.Throws<UnrollException>(() => TextStatistics.Measure(TextSource.FromString("", "notes.txt"))).Message);
}

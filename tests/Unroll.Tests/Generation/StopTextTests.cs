using CsCheck;
using Unroll.Generation;
using Xunit;

namespace Unroll.Tests.Generation;

public class StopTextTests
{
    [Fact]
    public void FindsTheEndWhereverTheTextIsCut()
    {
        Gen<string> texts = Gen.Char['a', 'c'].Array[0, 40].Select(letters => new string(letters));
        Gen<string> stops = Gen.Char['a', 'c'].Array[1, 5].Select(letters => new string(letters));
        Gen.Select(texts, stops, Gen.Int[1, 7]).Sample((text, stop, length) =>
        {
            int index = text.IndexOf(stop, StringComparison.Ordinal);
            Assert.Equal(index < 0 ? -1 : index + stop.Length, End(text.Chunk(length).Select(piece => new string(piece)), stop));
        });
    }

    [Theory]
    [InlineData("aabaabaaab", "aabaaab")]
    [InlineData("ababac", "abac")]
    [InlineData("......", "...")]
    public void StartsThatRepeatThemselvesAreFound(string text, string stop) =>
        Assert.Equal(text.IndexOf(stop, StringComparison.Ordinal) + stop.Length, End(text.Select(letter => $"{letter}"), stop));

    private static int End(IEnumerable<string> pieces, string stop)
    {
        var finder = new StopText(stop);
        int before = 0;
        foreach (string piece in pieces)
        {
            int end = finder.Take(piece);
            if (end >= 0)
                return before + end;
            before += piece.Length;
        }
        return -1;
    }
}

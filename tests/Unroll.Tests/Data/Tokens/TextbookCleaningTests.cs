using System.Text.RegularExpressions;
using CsCheck;
using Unroll.Data.Tokens;
using Xunit;

namespace Unroll.Tests.Data.Tokens;

public class TextbookCleaningTests
{
    [Fact]
    public void IsTheBooksHoweverTheTextIsCut() => Gen.Select(Texts.Unicode, Gen.Int[1, 5].Array[1, 4]).Sample((text, sizes) =>
    {
        text = Texts.AsRead(text);
        Assert.Equal(AsInTheBook(text), Clean(text, trimEnds: true, sizes));
    });

    [Fact]
    public void ItReachesNoOtherLetters() => Assert.Equal("k caf i", Clean("\u212A K CAFÉ İ ı i", trimEnds: true, [3])); // a Kelvin sign, Turkish i's

    [Theory]
    [InlineData("Time Traveller ", "time traveller ")]
    [InlineData(" --Time", " time")]
    [InlineData("--", " ")]
    [InlineData("", "")]
    [InlineData("a \n b", "ab")]
    [InlineData("a\n", "a")]
    [InlineData("\n a ", "a ")]
    [InlineData(" a\n", " a")]
    public void APieceOfTextKeepsItsEnds(string text, string expected)
    {
        Assert.Equal(expected, Clean(text, trimEnds: false, [1]));
        Assert.Equal(expected, Clean(text, trimEnds: false, [100]));
    }

    private static string Clean(string text, bool trimEnds, int[] sizes) =>
        string.Concat(TextbookCleaning.Clean(Texts.Cut(text, sizes), trimEnds).Select(piece => piece.ToString()));

    private static string AsInTheBook(string text) =>
        string.Concat(text.Split('\n', '\r').Select(line => Regex.Replace(line, "[^A-Za-z]+", " ").Trim().ToLowerInvariant()));
}

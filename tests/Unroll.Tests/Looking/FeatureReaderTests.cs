using Unroll.Looking;
using Xunit;

namespace Unroll.Tests.Looking;

/// <summary>Features of small texts, told by hand: a digit under every character.</summary>
public class FeatureReaderTests
{
    [Theory]
    [InlineData(TextFeature.InsideQuotes,
        "a \"b c\" d“e”f",
        "00111100" + "01100")]
    [InlineData(TextFeature.InsideQuotes,
        "他说：「你『好』吗」。don't «x»",
        "0001" + "11" + "11" + "1" + "0000000" + "0110")]
    [InlineData(TextFeature.InsideQuotes,
        "\"open\n\nnext \"x\"", // an empty line ends it
        "111111" + "0" + "00000" + "110")]
    [InlineData(TextFeature.InsideQuotes,
        "\"open\nnext\"", // one line break does not
        "1111111" + "1110")]
    [InlineData(TextFeature.InsideQuotes,
        "\"a\r\n \t\r\nb", // what is empty may hold white space
        "11111110" + "0")]
    [InlineData(TextFeature.BracketDepth,
        "a(b[c]d)e)f",
        "01122110000")]
    [InlineData(TextFeature.BracketDepth,
        "《书（上）》{x]}【〔〕】",
        "11221" + "0" + "1110" + "1210")]
    [InlineData(TextFeature.LinePosition,
        "ab\ncd e\r\n\nf",
        "12" + "0" + "1234" + "40" + "0" + "1")]
    [InlineData(TextFeature.Indentation,
        "  a b\n\tc\nd",
        "12222" + "0" + "11" + "0" + "0")]
    [InlineData(TextFeature.WordStart,
        "ab 7c, d-e 你好",
        "1001000101" + "0" + "10")]
    [InlineData(TextFeature.UpperCase, "aBÉ1", "0110")]
    [InlineData(TextFeature.Digit, "a1２b", "0110")]
    [InlineData(TextFeature.WhiteSpace, "a \n\tb　", "011101")]
    [InlineData(TextFeature.Vowel, "bAeyÖx", "011010")]
    [InlineData(TextFeature.Punctuation, "a.b，-+ ", "0101100")]
    [InlineData(TextFeature.BeforeLineBreak, "ab\nc\r\n\nd\n", "01" + "0" + "1" + "11" + "0" + "1" + "0")]
    public void Each_character_has_its_value(TextFeature feature, string text, string expected)
    {
        TokenPrediction[] tokens = [.. text.EnumerateRunes().Select(rune => new TokenPrediction(0, rune.ToString(), 0))];
        double[][] values = FeatureReader.Read(tokens);
        Assert.Equal(expected, string.Concat(values[(int)feature]));
    }

    [Fact]
    public void Of_longer_tokens_it_is_where_things_stand_after_them_or_whether_they_have_any()
    {
        string[] texts = ["He said", ": \"Go", "", " 1 (", "more)\"", "\n  Yes", "."];
        double[][] values = FeatureReader.Read([.. texts.Select(text => new TokenPrediction(0, text, 0))]);
        Assert.Equal([0, 1, 1, 1, 0, 0, 0], values[(int)TextFeature.InsideQuotes]);
        Assert.Equal([0, 0, 0, 1, 0, 0, 0], values[(int)TextFeature.BracketDepth]);
        Assert.Equal([7, 12, 12, 16, 22, 5, 6], values[(int)TextFeature.LinePosition]);
        Assert.Equal([0, 0, 0, 0, 0, 2, 2], values[(int)TextFeature.Indentation]);
        Assert.Equal([1, 1, 0, 1, 1, 1, 0], values[(int)TextFeature.WordStart]);
        Assert.Equal([1, 1, 0, 0, 0, 1, 0], values[(int)TextFeature.UpperCase]);
        Assert.Equal([0, 0, 0, 1, 0, 0, 0], values[(int)TextFeature.Digit]);
        Assert.Equal([1, 1, 0, 1, 0, 1, 0], values[(int)TextFeature.WhiteSpace]);
        Assert.Equal([1, 1, 0, 0, 1, 1, 0], values[(int)TextFeature.Vowel]);
        Assert.Equal([0, 1, 0, 1, 1, 0, 1], values[(int)TextFeature.Punctuation]);
        Assert.Equal([0, 0, 0, 0, 1, 0, 0], values[(int)TextFeature.BeforeLineBreak]);
    }
}

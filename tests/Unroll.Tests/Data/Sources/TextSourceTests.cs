using System.Text;
using CsCheck;
using Xunit;

namespace Unroll.Tests.Data.Sources;

public class TextSourceTests
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    [Fact]
    public void AStringAFileAndAStreamGiveTheSameCharacters() => Texts.Unicode.Select(Gen.Int[1, 9]).Sample((text, atATime) =>
    {
        string expected = Texts.AsRead(text);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Assert.Equal(expected, Texts.ReadAll(TextSource.FromString(text)));
        Assert.Equal(expected, Texts.ReadAll(TextSource.FromStream(new TrickleStream(bytes, atATime), "a stream")));
    });

    [Fact]
    public void AStringsLoneSurrogatesBecomeReplacementCharacters() =>
        Assert.Equal("a\uFFFDb\uFFFD\uFFFD😀", Texts.ReadAll(TextSource.FromString("a\uD83Db\uDE00\uD83D😀")));

    [Fact]
    public void PiecesSplitNoCharacterAndAreBounded() => Gen.Int[0, 3].Sample(shift =>
    {
        string text = new string('x', shift) + string.Concat(Enumerable.Repeat("😀\r\n", 20_000));
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        foreach (TextSource source in new[] { TextSource.FromString(text), TextSource.FromStream(new MemoryStream(bytes), "s") })
        {
            List<string> pieces = [.. source.Read().Select(piece => piece.ToString())];
            Assert.True(pieces.Count > 1);
            Assert.All(pieces, piece => Assert.False(piece.Length == 0 || char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1])));
            Assert.All(pieces, piece => Assert.InRange(piece.Length, 1, (32 * 1024) + 4));
            Assert.Equal(text.Replace("\r\n", "\n"), string.Concat(pieces));
        }
    }, iter: 4);

    [Theory]
    [InlineData("a\r\nb", "a\nb")]
    [InlineData("a\rb", "a\rb")]
    [InlineData("a\r\r\nb\r", "a\r\nb\r")]
    [InlineData("\r\n\r\n", "\n\n")]
    [InlineData("\r", "\r")]
    public void CrLfIsReadAsLfWhereverPiecesEnd(string text, string expected)
    {
        for (int atATime = 1; atATime <= 4; atATime++)
            Assert.Equal(expected, Texts.ReadAll(TextSource.FromStream(new TrickleStream(Encoding.UTF8.GetBytes(text), atATime), "s")));
        Assert.Equal(expected, Texts.ReadAll(TextSource.FromString(text)));
    }

    [Fact]
    public void OnlyTheFirstByteOrderMarkOfEachFileIsDropped()
    {
        using var folder = new TemporaryFolder();
        string first = folder.Write("1.txt", [.. Mark, .. "a\uFEFFb"u8]);
        string second = folder.Write("2.txt", [.. Mark, .. Mark, .. "c"u8]);
        string third = folder.Write("3.txt", Mark);
        Assert.Equal("a\uFEFFb\uFEFFc", Texts.ReadAll(TextSource.FromPaths([first, second, third])));
    }

    [Theory]
    [InlineData(new byte[] { 0x61, 0xE9, 0x62 }, 1, "0xE9")] // Latin-1
    [InlineData(new byte[] { 0x61, 0x80 }, 1, "0x80")] // a continuation without a beginning
    [InlineData(new byte[] { 0xC0, 0xAF }, 0, "0xC0")] // overlong
    [InlineData(new byte[] { 0x61, 0xED, 0xA0, 0x80 }, 1, "0xED")] // half a surrogate pair
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 }, 0, "0xF4")] // beyond U+10FFFF
    [InlineData(new byte[] { 0x61, 0x62, 0xE6, 0x99 }, 2, "0xE6")] // cut off
    public void InvalidUtf8IsNamedWithItsOffset(byte[] tail, int at, string value)
    {
        foreach (int before in new[] { 0, 1, 32 * 1024 - 1, 100_000 })
        {
            byte[] bytes = [.. Enumerable.Repeat((byte)'x', before), .. tail];
            foreach (int atATime in new[] { 1, 7, int.MaxValue })
            {
                if (atATime == 1 && before > 1000)
                    continue;
                TextSource source = TextSource.FromStream(new TrickleStream(bytes, atATime), "notes.txt");
                var exception = Assert.Throws<UnrollException>(() => Texts.ReadAll(source));
                Assert.Contains("notes.txt is not valid UTF-8", exception.Message);
                Assert.Contains($"offset {before + at} ({value})", exception.Message);
            }
        }
    }

    [Fact]
    public void TheOffsetCountsTheByteOrderMarkAndCarriageReturns()
    {
        byte[] bytes = [.. Mark, .. "a\r\n"u8, 0xFF];
        var exception = Assert.Throws<UnrollException>(() => Texts.ReadAll(TextSource.FromStream(new MemoryStream(bytes), "s")));
        Assert.Contains("offset 6", exception.Message);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x61, 0x00 })]
    [InlineData(new byte[] { 0xFE, 0xFF, 0x00, 0x61 })]
    public void Utf16IsRecognised(byte[] bytes)
    {
        var exception = Assert.Throws<UnrollException>(() => Texts.ReadAll(TextSource.FromStream(new MemoryStream(bytes), "s")));
        Assert.Contains("UTF-16", exception.Message);
    }

    [Fact]
    public void AStreamIsReadOnce()
    {
        TextSource source = TextSource.FromStream(new MemoryStream("a"u8.ToArray()), "standard input");
        Assert.Equal("a", Texts.ReadAll(source));
        Assert.Contains("standard input can be read only once", Assert.Throws<UnrollException>(() => Texts.ReadAll(source)).Message);
        Assert.Equal("standard input", source.Name);
    }

    [Fact]
    public void AStreamThatBreaksIsASentence()
    {
        TextSource source = TextSource.FromStream(new TrickleStream("a"u8.ToArray(), 1, breaks: true), "standard input");
        Assert.Equal("standard input cannot be read: The line is dead.", Assert.Throws<UnrollException>(() => Texts.ReadAll(source)).Message);
    }

    [Fact]
    public void TheStoryComesWithTheLibrary()
    {
        Assert.NotEqual("", Texts.ReadAll(TextSource.Story));
        Assert.Equal(Texts.ReadAll(TextSource.Story), Texts.ReadAll(TextSource.Story));
    }
}

using System.Text;
using CsCheck;
using Xunit;

namespace Unroll.Tests.Data.Tokens;

public class TokenDecoderTests
{
    private static readonly Vocabulary Bytes = Vocabulary.Build([], new TextOptions { Tokens = TokenKind.Byte }, ["<end>"]);

    [Fact]
    public void BytesGiveWholeCharactersAsSoonAsTheyAreComplete()
    {
        var decoder = new TokenDecoder(Bytes);
        string[] pieces = [.. Bytes.Encode("é時😀!").Select(decoder.Append)];
        Assert.Equal(["", "é", "", "", "時", "", "", "", "😀", "!"], pieces);
        Assert.Equal("", decoder.Flush());
    }

    [Fact]
    public void AnyBytesDecodeAsUtf8WithReplacements() => Gen.Byte.Array[0, 30].Sample(bytes =>
    {
        var decoder = new TokenDecoder(Bytes);
        var text = new StringBuilder();
        foreach (byte value in bytes)
        {
            string piece = decoder.Append(Bytes[$"<0x{value:X2}>"]);
            Assert.False(piece.Length > 0 && (char.IsHighSurrogate(piece[^1]) || char.IsLowSurrogate(piece[0])));
            text.Append(piece);
        }
        text.Append(decoder.Flush());
        Assert.Equal(Encoding.UTF8.GetString(bytes), text.ToString());
        Assert.Equal(text.ToString(), Bytes.Decode(bytes.Select(value => Bytes[$"<0x{value:X2}>"])));
    });

    [Fact]
    public void AnIncompleteCharacterIsReplacedAtTheEndAndBeforeANamedToken()
    {
        var decoder = new TokenDecoder(Bytes);
        Assert.Equal("", decoder.Append(Bytes["<0xE6>"]));
        Assert.Equal("\uFFFD<unk>", decoder.Append(0));
        Assert.Equal("<end>", decoder.Append(1));
        Assert.Equal("", decoder.Append(Bytes["<0xE6>"]));
        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("", decoder.Flush());
        Assert.Equal("a", decoder.Append(Bytes["<0x61>"]));
    }

    [Fact]
    public void ABranchGoesOnByItself()
    {
        var decoder = new TokenDecoder(Bytes);
        decoder.Append(Bytes["<0xE6>"]);
        decoder.Append(Bytes["<0x99>"]);
        TokenDecoder branch = decoder.Branch();
        Assert.Equal("\uFFFDa", branch.Append(Bytes["<0x61>"]));
        Assert.Equal("時", decoder.Append(Bytes["<0x82>"]));
        Assert.Equal("", branch.Flush());
    }

    [Fact]
    public void CleanedWordsBringTheSpaceBeforeThem()
    {
        var decoder = new TokenDecoder(Vocabulary.Build(["the", "time"], new TextOptions { Tokens = TokenKind.Word, Clean = Cleaning.Textbook }));
        Assert.Equal(["the", " time", " <unk>", " the"], new[] { 1, 2, 0, 1 }.Select(decoder.Append));
        Assert.Equal("", decoder.Flush());
    }

    [Fact]
    public void CharactersComeAtOnce()
    {
        var decoder = new TokenDecoder(Vocabulary.Build(["a", "😀"]));
        Assert.Equal(["😀", "a", "<unk>"], new[] { 2, 1, 0 }.Select(decoder.Append));
    }
}

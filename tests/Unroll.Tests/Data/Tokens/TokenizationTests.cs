using System.Text;
using Unroll.Data.Tokens;
using Unroll.Tests.Architecture;
using Xunit;

namespace Unroll.Tests.Data.Tokens;

public class TokenizationTests
{
    [Theory]
    [InlineData(TokenKind.Character, Cleaning.None, "characters", "characters")]
    [InlineData(TokenKind.Character, Cleaning.Textbook, "characters-cleaned", "characters after the textbook's cleaning")]
    [InlineData(TokenKind.Word, Cleaning.None, "words", "words")]
    [InlineData(TokenKind.Word, Cleaning.Textbook, "words-cleaned", "words after the textbook's cleaning")]
    [InlineData(TokenKind.Byte, Cleaning.None, "bytes", "bytes")]
    [InlineData(TokenKind.Byte, Cleaning.Textbook, "bytes-cleaned", "bytes after the textbook's cleaning")]
    [InlineData(TokenKind.Bpe, Cleaning.None, "bpe-0864c10eb9f122e7", "byte-pair tokens")] // of bytes without merges
    [InlineData(TokenKind.Bpe, Cleaning.Textbook, "bpe-0864c10eb9f122e7-cleaned", "byte-pair tokens after the textbook's cleaning")]
    public void CachesAndPeopleCallItSo(TokenKind kind, Cleaning clean, string inCaches, string toPeople)
    {
        var tokens = Tokenization.Of(new TextOptions { Tokens = kind, Clean = clean });
        Assert.Equal((inCaches, toPeople), (tokens.CacheName, tokens.Description));
    }

    [Fact]
    public void EveryKindIsOneOfItsOwn()
    {
        Type[] kinds = [.. Enum.GetValues<TokenKind>().Select(kind => Tokenization.Of(new TextOptions { Tokens = kind }).GetType())];
        Assert.Distinct(kinds);
    }

    [Theory]
    [InlineData(TokenKind.Character, Cleaning.None, "é", 1, 2)]
    [InlineData(TokenKind.Character, Cleaning.None, "😀", 1, 4)]
    [InlineData(TokenKind.Word, Cleaning.None, "naïve", 5, 6)]
    [InlineData(TokenKind.Word, Cleaning.Textbook, "time", 5, 5)] // with the space before it
    [InlineData(TokenKind.Byte, Cleaning.None, "<0x41>", 1, 1)]
    [InlineData(TokenKind.Byte, Cleaning.None, "<0xC3>", 1, 1)]
    [InlineData(TokenKind.Byte, Cleaning.None, "<0xA9>", 0, 1)] // goes on with a character
    [InlineData(TokenKind.Bpe, Cleaning.None, " naïve", 6, 7)]
    [InlineData(TokenKind.Bpe, Cleaning.None, "é<0xE6><0x99>", 2, 4)] // ends in a character's beginning
    [InlineData(TokenKind.Bpe, Cleaning.None, "<0x82>,", 1, 2)]
    [InlineData(TokenKind.Bpe, Cleaning.None, "<unk>", 5, 5)]
    public void ATokenIsAsLongAsTheTextThatItBecomes(TokenKind kind, Cleaning clean, string token, int characters, int bytes)
    {
        var tokens = Tokenization.Of(new TextOptions { Tokens = kind, Clean = clean });
        Assert.Equal((characters, bytes), (tokens.CharactersIn(token), tokens.LengthOf(token)));
    }

    [Theory]
    [InlineData(TokenKind.Word, Cleaning.None, "a |b", true)]
    [InlineData(TokenKind.Word, Cleaning.None, "a| b", false)]
    [InlineData(TokenKind.Word, Cleaning.None, "a | b", false)]
    [InlineData(TokenKind.Word, Cleaning.None, "a\n|時", true)]
    [InlineData(TokenKind.Word, Cleaning.Textbook, "a |b", true)]
    [InlineData(TokenKind.Character, Cleaning.Textbook, "a |b", false)]
    [InlineData(TokenKind.Byte, Cleaning.Textbook, "a\n| b", true)]
    [InlineData(TokenKind.Bpe, Cleaning.None, "a\n|b", true)]
    [InlineData(TokenKind.Bpe, Cleaning.None, "時\n|時", true)]
    [InlineData(TokenKind.Bpe, Cleaning.None, "a\n|\nb", false)] // white space goes on
    [InlineData(TokenKind.Bpe, Cleaning.None, "\n|b", false)] // and may have begun before
    [InlineData(TokenKind.Bpe, Cleaning.None, "a \n|b", false)] // " " and "\n" here, but not at a text's end
    [InlineData(TokenKind.Bpe, Cleaning.None, "\u3000\n|b", false)]
    [InlineData(TokenKind.Bpe, Cleaning.None, "a |b", false)] // the space goes with the word
    [InlineData(TokenKind.Bpe, Cleaning.Textbook, "a\n|b", false)] // cleaned, it is one word
    public void ATextMayBeCutWhereNoTokenGoesOn(TokenKind kind, Cleaning clean, string text, bool may)
    {
        var tokens = Tokenization.Of(new TextOptions { Tokens = kind, Clean = clean });
        byte[][] parts = [.. text.Split('|').Select(Encoding.UTF8.GetBytes)];
        Assert.False(tokens.CutsAnywhere);
        Assert.Equal(may, tokens.CutsBetween(parts[0], parts[1]));
    }

    [Fact]
    public void NobodyElseInTheLibraryAsksWhichKindItIs()
    {
        string[] asking = [.. Repository.SourceFiles("src/Unroll").Where(file => File.ReadAllText(Repository.Path(file)).Contains("TokenKind.", StringComparison.Ordinal))
            .Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        Assert.Equal(["TextOptions.cs", "Tokenization.cs"], asking);
    }
}

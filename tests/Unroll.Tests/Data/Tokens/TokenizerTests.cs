using CsCheck;
using Unroll.Data.Tokens;
using Xunit;

namespace Unroll.Tests.Data.Tokens;

public class TokenizerTests
{
    private static readonly Gen<TextOptions> Options = Gen.Select(Gen.Enum<TokenKind>(), Gen.Enum<Cleaning>())
        .Select((tokens, clean) => new TextOptions { Tokens = tokens, Clean = clean });

    [Fact]
    public void TokensDoNotDependOnHowTheTextArrivesOrIsAskedFor() =>
        Gen.Select(Texts.Unicode, Options, Gen.Int[1, 7].Array[1, 4], Gen.Int[1, 7].Array[1, 4]).Sample((text, options, sizes, portions) =>
        {
            text = Texts.AsRead(text);
            (string[] expected, long characters, long bytes) = Split(text, options, [int.MaxValue / 2], [10_000]);
            (string[] tokens, long charactersCut, long bytesCut) = Split(text, options, sizes, portions);
            Assert.Equal(expected, tokens);
            Assert.Equal((characters, bytes), (charactersCut, bytesCut));
        });

    [Fact]
    public void JoiningTheTokensGivesTheTextBack() => Gen.Select(Texts.Unicode, Gen.OneOf(TokenKind.Character, TokenKind.Word)).Sample((text, kind) =>
    {
        text = Texts.AsRead(text);
        (string[] tokens, long characters, long bytes) = Split(text, new TextOptions { Tokens = kind });
        Assert.Equal(text, string.Concat(tokens));
        Assert.DoesNotContain("", tokens);
        Assert.Equal(text.EnumerateRunes().Count(), characters);
        Assert.Equal(System.Text.Encoding.UTF8.GetByteCount(text), bytes);
    });

    [Fact]
    public void BytesAreThoseOfUtf8() => Texts.Unicode.Sample(text =>
    {
        text = Texts.AsRead(text);
        (string[] tokens, long characters, long bytes) = Split(text, new TextOptions { Tokens = TokenKind.Byte });
        Assert.Equal(System.Text.Encoding.UTF8.GetBytes(text).Select(value => $"<0x{value:X2}>"), tokens);
        Assert.Equal((text.EnumerateRunes().Count(), tokens.Length), (characters, bytes));
    });

    [Fact]
    public void BytePairsAreBytesInTheirOrder() => Texts.Unicode.Sample(text =>
    {
        text = Texts.AsRead(text);
        (string[] tokens, long characters, long bytes) = Split(text, new TextOptions { Tokens = TokenKind.Bpe });
        Assert.Equal(System.Text.Encoding.UTF8.GetBytes(text), tokens.SelectMany(ByteToken.Read));
        Assert.Equal((text.EnumerateRunes().Count(), System.Text.Encoding.UTF8.GetByteCount(text)), (characters, bytes));
    });

    [Theory]
    [InlineData("Don't stop, l’homme!", "Don't| |stop|,| |l’homme|!")]
    [InlineData("'quoted' dogs' ''", "'|quoted|'| |dogs|'| |''")]
    [InlineData("rock'n'roll 5'10", "rock'n'roll| |5'10")]
    [InlineData("a--b... snake_case x2", "a|--|b|...| |snake_case| |x2")]
    [InlineData("a \n\n\tb", "a| \n\n\t|b")]
    [InlineData("cafe\u0301 e\u0301", "cafe\u0301| |e\u0301")]
    [InlineData("हिन्दी भाषा", "हिन्दी| |भाषा")]
    [InlineData("時光旅行者，說。", "時|光|旅|行|者|，|說|。")]
    [InlineData("葛\U000E0100城", "葛\U000E0100|城")] // a variation selector belongs to its ideograph
    [InlineData("タイム・マシン", "タ|イ|ム|・|マ|シ|ン")]
    [InlineData("𠀀𠀁x", "𠀀|𠀁|x")]
    [InlineData("ที่นี่", "ที่|นี่")]
    [InlineData("한국어 문장", "한국어| |문장")]
    [InlineData("❤\uFE0F👩\u200D🚀ok", "❤\uFE0F👩\u200D🚀|ok")]
    [InlineData("\u0301a", "\u0301a")]
    [InlineData("word'", "word|'")]
    [InlineData("'", "'")]
    [InlineData("it's'", "it's|'")]
    [InlineData("a'\u0301b", "a|'\u0301|b")]
    public void WordsOfATextAsItStands(string text, string expected)
    {
        foreach (int size in new[] { 1, 2, 100 })
            Assert.Equal(expected, string.Join('|', Split(text, new TextOptions { Tokens = TokenKind.Word }, [size], [1, 3]).Tokens));
    }

    [Theory]
    [InlineData("The Time-Traveller's\nmachine", "the|time|traveller|s|machine")]
    [InlineData("him\nwas", "him|was")]
    [InlineData("  42 ", "")]
    [InlineData("naïve", "na|ve")]
    public void WordsOfACleanedText(string text, string expected)
    {
        foreach (int size in new[] { 1, 2, 100 })
        {
            (string[] tokens, long characters, long bytes) = Split(text, new TextOptions { Tokens = TokenKind.Word, Clean = Cleaning.Textbook }, [size], [1, 3]);
            Assert.Equal(expected, string.Join('|', tokens));
            Assert.Equal((expected.Length, expected.Length), (characters, bytes)); // one space where there is a bar
        }
    }

    [Fact]
    public void ARunWithoutAnEndIsCutAndStillGivesTheTextBack() => Gen.Int[1, 5000].Sample(size =>
    {
        string text = new string('g', 3000) + new string('!', 2500) + string.Concat(Enumerable.Repeat("𝒳'", 1500));
        (string[] tokens, _, _) = Split(text, new TextOptions { Tokens = TokenKind.Word }, [size], [7]);
        Assert.Equal(text, string.Concat(tokens));
        Assert.All(tokens, token => Assert.InRange(token.Length, 1, 1024));
        Assert.Equal(Split(text, new TextOptions { Tokens = TokenKind.Word }).Tokens, tokens);
        (string[] clean, _, _) = Split(text, new TextOptions { Tokens = TokenKind.Word, Clean = Cleaning.Textbook }, [size], [7]);
        Assert.Equal([1024, 1024, 952], clean.Select(token => token.Length));
    }, iter: 20);

    [Fact]
    public void CharactersAreScalarValues() =>
        Assert.Equal(["a", "😀", "e", "\u0301", "時"], Split("a😀e\u0301時", new TextOptions()).Tokens);

    private static (string[] Tokens, long Characters, long Bytes) Split(string text, TextOptions options, int[]? sizes = null, int[]? portions = null)
    {
        var seen = new NewTokens();
        using var stream = new TokenStream(Texts.Cut(text, sizes ?? [int.MaxValue / 2]), Texts.Tokens(options), seen);
        int[] numbers = Texts.Drain(stream.Read, portions ?? [1000]);
        return ([.. numbers.Select(number => seen.Tokens[number - 1])], stream.Characters, stream.Bytes);
    }
}

using System.Text;
using CsCheck;
using Unroll.Data.Ids;
using Xunit;

namespace Unroll.Tests.Data.Ids;

/// <summary>A long text split in blocks on several threads gives what reading it piece by piece gives.</summary>
public class TextBlocksTests
{
    private static readonly Gen<TextOptions> Options = Gen.Select(Gen.Enum<TokenKind>(), Gen.Enum<Cleaning>(), (kind, clean) => new TextOptions { Tokens = kind, Clean = clean });

    [Fact]
    [Slow]
    public void AllCutsGiveTheSameNumbers() =>
        Gen.Select(Gen.OneOf(Texts.Unicode.Select(Encoding.UTF8.GetBytes), Damaged).Array[1, 4], Options, Gen.Int[1, 40], Gen.Int[1, 3], Gen.Bool).Sample((contents, options, chunk, threads, mark) =>
        {
            using var folder = new TemporaryFolder();
            string[] files = [.. contents.Select((bytes, i) => folder.Write($"{i}.txt", mark ? [0xEF, 0xBB, 0xBF, .. bytes] : bytes))];
            Assert.Equal(
                Describe(() => NumberedText.Read(TextSource.FromPaths(files), Texts.Tokens(options), new IdWriter(), null, CancellationToken.None)),
                Describe(() => new TextBlocks(files, Texts.Tokens(options), chunk, threads).Read(new IdWriter(), null, null, CancellationToken.None)));
        }, iter: 3000);

    [Theory]
    [InlineData("the time\r\nmachine \u3000 don't stop’ 時光機 e\u0301\n\n'tis \uFEFF😀👩\u200D🚀 naïve")]
    [InlineData("onelongwordwithoutanyspaceinitatall時光機時光機時光機")]
    [InlineData("\r\r\n\r\n\n\r")]
    public void EveryBlockBoundaryIsHarmless(string text)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("a.txt", string.Concat(Enumerable.Repeat(text, 3)));
        foreach (TokenKind kind in Enum.GetValues<TokenKind>())
        {
            foreach (Cleaning clean in Enum.GetValues<Cleaning>())
            {
                var options = new TextOptions { Tokens = kind, Clean = clean };
                string expected = Describe(() => NumberedText.Read(TextSource.FromPaths([file]), Texts.Tokens(options), new IdWriter(), null, CancellationToken.None));
                for (int chunk = 1; chunk < 200; chunk++)
                    Assert.Equal(expected, Describe(() => new TextBlocks([file], Texts.Tokens(options), chunk, 2).Read(new IdWriter(), null, null, CancellationToken.None)));
            }
        }
    }

    [Fact]
    public void ALongRunIsCutWhereItIsCutPieceByPiece()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("a.txt", new string('g', 3000) + new string(' ', 2500) + new string('x', 1023) + "é'" + new string('z', 1500));
        foreach (TextOptions options in new[] { new TextOptions { Tokens = TokenKind.Word }, new TextOptions { Tokens = TokenKind.Word, Clean = Cleaning.Textbook }, new TextOptions { Tokens = TokenKind.Bpe } })
        {
            foreach (int chunk in new[] { 7, 100, 1024, 1025, 4000 })
            {
                Assert.Equal(
                    Describe(() => NumberedText.Read(TextSource.FromPaths([file]), Texts.Tokens(options), new IdWriter(), null, CancellationToken.None)),
                    Describe(() => new TextBlocks([file], Texts.Tokens(options), chunk, 2).Read(new IdWriter(), null, null, CancellationToken.None)));
            }
        }
    }

    [Fact]
    public void TheKeyOfATextThatIsReadIsTheKeyOfItsFiles() =>
        Gen.Select(Texts.Unicode.Array[1, 4], Options, Gen.Int[1, 40]).Sample((texts, options, chunk) =>
        {
            using var folder = new TemporaryFolder();
            string[] files = [.. texts.Select((text, i) => folder.Write($"{i}.txt", text))];
            using var content = new ContentHash("kind");
            new TextBlocks(files, Texts.Tokens(options), chunk, 2).Read(null, content, null, CancellationToken.None);
            Assert.Equal(ContentHash.Compute(files, "kind", chunk, 2, null, CancellationToken.None), content.Finish());
        }, iter: 300);

    // A text with a byte that may make it no text.
    private static Gen<byte[]> Damaged => Gen.Select(Texts.Unicode, Gen.Byte, Gen.Int[0, 100], (text, value, at) =>
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(text), 0x20];
        bytes[at % bytes.Length] = value;
        return bytes;
    });

    private static string Describe(Func<NumberedText> read)
    {
        try
        {
            NumberedText text = read();
            int[] numbers = new int[text.Numbers.Length];
            text.Numbers.Read(0, numbers);
            return $"{string.Join('|', text.Seen)}\n{string.Join(' ', text.Counts)}\n{string.Join(' ', numbers)}";
        }
        catch (UnrollException exception)
        {
            return exception.Message;
        }
    }
}

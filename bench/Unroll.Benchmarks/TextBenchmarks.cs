using System.Text;
using BenchmarkDotNet.Attributes;
using Unroll.Data.Tokens;

namespace Unroll.Benchmarks;

/// <summary>The built-in story, over and over, up to so many bytes.</summary>
public sealed record TextCase(int Mebibytes) : ICase
{
    /// <summary>Bytes of the text.</summary>
    public int Bytes => Mebibytes << 20;

    /// <summary>Each byte must be read once.</summary>
    public Work WorkOf(string method) => Work.OfBytes(Bytes);

    public override string ToString() => $"{Mebibytes} MiB";

    /// <summary>The text.</summary>
    internal string Text()
    {
        string story = string.Concat(TextSource.Story.Read().Select(piece => piece.ToString()));
        var text = new StringBuilder();
        for (int bytes = 0, length = Encoding.UTF8.GetByteCount(story); bytes + length <= Bytes; bytes += length)
            text.Append(story);
        text.Append(' ', Bytes - Encoding.UTF8.GetByteCount(text.ToString()));
        return text.ToString();
    }
}

/// <summary>Text in memory to numbers, on one thread.</summary>
public class TextBenchmarks
{
    private readonly int[] ids = new int[4096];
    private TextSource source = null!;

    public static IEnumerable<TextCase> Cases => [new(4)];

    [ParamsSource(nameof(Cases))]
    public TextCase Case { get; set; } = null!;

    [GlobalSetup]
    public void Create() => source = TextSource.FromString(Case.Text());

    [Benchmark]
    public long Characters() => Tokens(new TextOptions());

    [Benchmark]
    public long Words() => Tokens(new TextOptions { Tokens = TokenKind.Word });

    [Benchmark]
    public long TextbookWords() => Tokens(new TextOptions { Tokens = TokenKind.Word, Clean = Cleaning.Textbook });

    private long Tokens(TextOptions options)
    {
        using var stream = new TokenStream(source.Read(), Tokenization.Of(options), new NewTokens());
        long tokens = 0;
        for (int count = stream.Read(ids); count > 0; count = stream.Read(ids))
            tokens += count;
        return tokens;
    }
}

using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Unroll.Data.Sources;
using Unroll.Data.Tokens;

namespace Unroll.Data.Ids;

/// <summary>Splits blocks into tokens, one after another, with numbers of its own. Several of them share a text.</summary>
internal sealed class BlockTokenizer
{
    private readonly NewTokens seen = new();
    private readonly Tokenizer tokenizer;
    private readonly TextbookCleaning? cleaning;
    private readonly List<long> counts = [];
    private char[] clean = [];
    private Task last = Task.CompletedTask;

    public BlockTokenizer(Tokenization tokens)
    {
        tokenizer = tokens.CreateTokenizer(seen, whole: true);
        cleaning = tokens.CleansFirst ? new TextbookCleaning(trimEnds: true) : null;
    }

    /// <summary>The text's number for each of this tokenizer's numbers, which begin at 1. Whoever takes the blocks keeps it up to date.</summary>
    public List<int> TextNumbers { get; } = [-1];

    /// <summary>How often each token was met; number n is at n - 1.</summary>
    public IReadOnlyList<long> Counts => counts;

    /// <summary>Splits a block when those given before are done.</summary>
    public Task Start(TextBlock block) => last = last.ContinueWith(_ => Split(block), TaskScheduler.Default);

    private void Split(TextBlock block)
    {
        try
        {
            block.Failure = null;
            block.Digest = SHA256.HashData(block.Bytes.AsSpan(block.ChunkStart, block.End - block.ChunkStart));
            int known = seen.Tokens.Count;
            block.Count = 0;
            // A token has a byte at least; one, or a word of several, may be unfinished since the block before.
            if (block.Numbers.Length < block.Cut + Tokenizer.LongestTokenBytes)
                block.Numbers = GC.AllocateUninitializedArray<int>(block.Cut + Tokenizer.LongestTokenBytes);
            using var stream = new MemoryStream(block.Bytes, 0, block.Cut, writable: false);
            foreach (ReadOnlyMemory<char> piece in Utf8Text.Read(stream, block.Path, block.Offset))
                Split(Clean(piece.Span), block);
            while (block.Finishes && tokenizer.TryFinish(out int number))
                block.Numbers[block.Count++] = number;
            CollectionsMarshal.SetCount(counts, seen.Tokens.Count);
            Span<long> counted = CollectionsMarshal.AsSpan(counts);
            foreach (int found in block.Numbers.AsSpan(0, block.Count))
                counted[found - 1]++;
            block.NewTokens = [.. seen.Tokens.Skip(known)];
        }
        catch (Exception exception)
        {
            block.Failure = ExceptionDispatchInfo.Capture(exception); // told in the text's order
        }
    }

    private ReadOnlySpan<char> Clean(ReadOnlySpan<char> text)
    {
        if (cleaning is null)
            return text;
        if (clean.Length <= text.Length)
            clean = new char[text.Length + 1];
        return clean.AsSpan(0, cleaning.Clean(text, clean));
    }

    private void Split(ReadOnlySpan<char> text, TextBlock block)
    {
        while (!text.IsEmpty)
        {
            block.Count += tokenizer.Split(text, block.Numbers.AsSpan(block.Count), out int used);
            text = text[used..];
        }
    }
}

// Bytes of any kind as a model's tokens. The text in them is split as the model's own text was, but nothing is cleaned, joined or
// dropped: put together again, tokens and escapes are the bytes, whatever they were. A decoder need not know how they were split.
using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Unroll.Data.Tokens;

namespace Unroll.Compression;

/// <summary>Splits bytes into tokens and what no token says.</summary>
/// <param name="vocabulary">The tokens.</param>
/// <param name="tokens">Their bytes.</param>
internal sealed class TokenParser(Vocabulary vocabulary, TokenBytes tokens)
{
    private readonly Tokenizer tokenizer = Inner(vocabulary).CreateTokenizer(new Lengths(vocabulary), whole: false);
    private readonly int lineEnd = vocabulary is { EndId: { } end, Text.Documents: DocumentKind.Line } ? end : Vocabulary.UnknownId;
    private readonly char[] characters = new char[1 << 14];
    private readonly int[] numbers = new int[1 << 12];

    private ReadOnlyMemory<byte> content;
    private List<int> ids = [];
    private List<(int Start, int Length)> escapes = [];
    private int position; // of the next token in the bytes

    /// <summary>Splits bytes.</summary>
    public ParsedText Parse(ReadOnlyMemory<byte> bytes)
    {
        (content, ids, escapes, position) = (bytes, new List<int>(bytes.Length), [], 0);
        for (int read = 0; read < bytes.Length;)
        {
            OperationStatus status = Utf8.ToUtf16(bytes.Span[read..], characters, out int used, out int written, replaceInvalidSequences: false);
            Split(characters.AsSpan(0, written));
            read += used;
            if (status == OperationStatus.DestinationTooSmall)
                continue;
            Finish();
            if (read == bytes.Length)
                break;
            byte value = bytes.Span[read++];
            if (tokens.Single(value) is > 0 and int id)
                Add(id);
            else
                Escape(1);
        }
        Finish();
        return position == bytes.Length ? new ParsedText(bytes, ids, escapes) : throw new InvalidOperationException("The tokens are not the text.");
    }

    private void Split(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            int length = lineEnd != Vocabulary.UnknownId && text.IndexOf('\n') is >= 0 and int end ? end : text.Length;
            if (length == 0)
            {
                Finish();
                Add(lineEnd);
                text = text[1..];
                continue;
            }
            int count = tokenizer.Split(text[..length], numbers, out int used);
            foreach (int number in numbers.AsSpan(0, count))
                Take(number);
            text = text[used..];
        }
    }

    private void Finish()
    {
        while (tokenizer.TryFinish(out int number))
            Take(number);
        tokenizer.Restart();
    }

    private void Take(int number)
    {
        if (number < vocabulary.Count)
            Add(number);
        else
            Escape(number - vocabulary.Count);
    }

    private void Add(int id)
    {
        if (!content.Span[position..].StartsWith(tokens.Of(id)))
            throw new InvalidOperationException("A token is not the text at its place.");
        ids.Add(id);
        position += tokens.Of(id).Length;
    }

    private void Escape(int length)
    {
        ids.Add(Vocabulary.UnknownId);
        escapes.Add((position, length));
        position += length;
    }

    private static Tokenization Inner(Vocabulary vocabulary) =>
        vocabulary.Tokenization is DocumentTokenization documents ? documents.Inner : vocabulary.Tokenization;

    /// <summary>A vocabulary's ids; of what it does not know, the length in bytes, counted from beyond the ids.</summary>
    private sealed class Lengths(Vocabulary vocabulary) : TokenTable
    {
        public override int Find(ReadOnlySpan<char> token) =>
            vocabulary.TryFind(token, out int id) && id != Vocabulary.UnknownId ? id : vocabulary.Count + Encoding.UTF8.GetByteCount(token);
    }
}

namespace Unroll.Data.Tokens;

/// <summary>Encodes one short text after another with a vocabulary, remembering between them what the tokens' ids are.</summary>
/// <param name="vocabulary">The vocabulary.</param>
/// <param name="whole">Whether these are whole texts: cleaning then trims their ends, and they end a document.</param>
internal sealed class TextEncoder(Vocabulary vocabulary, bool whole)
{
    private readonly Tokenization tokens = vocabulary.Tokenization;
    private readonly Table table = new(vocabulary);
    private readonly List<int> ids = [];
    private readonly int[] chunk = new int[256];
    private Tokenizer? tokenizer;

    /// <summary>Unicode scalar values of the last text's tokens.</summary>
    public long Characters => tokenizer?.Characters ?? 0;

    /// <summary>UTF-8 bytes of the last text's tokens.</summary>
    public long Bytes => tokenizer?.Bytes ?? 0;

    /// <summary>The last text's tokens that the vocabulary does not know, one for each id 0.</summary>
    public IReadOnlyList<string> Unknown => table.Unknown;

    /// <summary>The ids of a text.</summary>
    public int[] Encode(string text)
    {
        ids.Clear();
        table.Unknown.Clear();
        tokenizer ??= tokens.CreateTokenizer(table, whole);
        tokenizer.Restart();
        IEnumerable<ReadOnlyMemory<char>> pieces = TextSource.FromString(text).Read();
        foreach (ReadOnlyMemory<char> piece in tokens.CleansFirst ? TextbookCleaning.Clean(pieces, whole) : pieces)
        {
            for (ReadOnlyMemory<char> rest = piece; !rest.IsEmpty;)
            {
                int count = tokenizer.Split(rest.Span, chunk, out int used);
                ids.AddRange(chunk.AsSpan(0, count));
                rest = rest[used..];
            }
        }
        while (tokenizer.TryFinish(out int id))
            ids.Add(id);
        return [.. ids];
    }

    /// <summary>A vocabulary's ids, and what it does not know. A tokenizer asks about an unknown token each time it comes.</summary>
    internal sealed class Table(Vocabulary vocabulary) : TokenTable
    {
        public List<string> Unknown { get; } = [];

        public override int Find(ReadOnlySpan<char> token)
        {
            if (!vocabulary.TryFind(token, out int id) || id == Vocabulary.UnknownId)
                Unknown.Add(token.ToString());
            return id;
        }
    }
}

// Documents know nothing of one another, so a corpus puts them into an order drawn by lot: a sorted list's last tenth would be
// names with W to Z, which tell little about the others.
namespace Unroll.Data.Tokens;

/// <summary>The order of a text's documents in a corpus.</summary>
internal static class DocumentOrder
{
    // Always the same: equal texts make equal corpora.
    private const ulong Lot = 1;

    /// <summary>Which document comes at a position.</summary>
    /// <param name="documents">How many there are.</param>
    public static Permutation Of(int documents) => new(new RandomStream(Lot, RandomPurpose.DocumentOrder, 0), documents);

    /// <summary>The documents of a text as characters, in the order that <see cref="Of"/> gives them. Line breaks that end a
    /// document are no part of it.</summary>
    /// <param name="pieces">The text; an empty piece stands where a file ends.</param>
    /// <param name="kind">What a document is.</param>
    public static ReadOnlyMemory<char>[] Arrange(IReadOnlyList<ReadOnlyMemory<char>> pieces, DocumentKind kind)
    {
        char[] text = new char[pieces.Sum(piece => piece.Length)];
        var documents = new List<ReadOnlyMemory<char>>();
        int start = 0, end = 0;
        foreach (ReadOnlyMemory<char> piece in pieces)
        {
            if (piece.IsEmpty)
                End();
            foreach (char c in piece.Span)
            {
                if (c == '\n' && kind == DocumentKind.Line)
                    End();
                else
                    text[end++] = c;
            }
        }
        End();
        Permutation order = Of(documents.Count);
        return [.. Enumerable.Range(0, documents.Count).Select(i => documents[(int)order[i]])];

        void End()
        {
            if (end > start)
                documents.Add(text.AsMemory(start, end - start));
            start = end;
        }
    }
}

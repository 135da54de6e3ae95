// Documents know nothing of one another, so a corpus puts them into an order drawn by lot: a sorted list's last tenth would be
// names with W to Z, which tell little about the others.
using Unroll.Data.Ids;

namespace Unroll.Data;

/// <summary>The documents of a text.</summary>
internal static class Documents
{
    // Always the same: equal texts make equal corpora.
    private const ulong Lot = 1;

    /// <summary>Writes the documents in another order.</summary>
    /// <param name="text">The text. What follows its last mark is a document too.</param>
    /// <param name="writer">Where they go.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public static void Shuffle(NumberedText text, IdWriter writer, CancellationToken cancellationToken)
    {
        IdSegments ids = text.Numbers;
        int mark = Enumerable.Range(0, text.Seen.Count).FirstOrDefault(number => text.Seen[number] == Vocabulary.EndToken);
        List<long> starts = Starts(ids, mark, cancellationToken);
        Permutation order = Order(starts.Count);
        int[] chunk = new int[4096];
        for (int i = 0; i < starts.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int document = (int)order[i];
            long end = document + 1 < starts.Count ? starts[document + 1] : ids.Length;
            for (long position = starts[document]; position < end; position += chunk.Length)
            {
                Span<int> part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, end - position));
                ids.Read(position, part);
                writer.Append(part);
            }
        }
    }

    /// <summary>The documents of a text as characters, in the order that <see cref="Shuffle"/> gives them. Line breaks that end a
    /// document are no part of it.</summary>
    /// <param name="pieces">The text; an empty piece stands where a file ends.</param>
    /// <param name="kind">What a document is.</param>
    public static ReadOnlyMemory<char>[] InOrder(IReadOnlyList<ReadOnlyMemory<char>> pieces, DocumentKind kind)
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
        Permutation order = Order(documents.Count);
        return [.. Enumerable.Range(0, documents.Count).Select(i => documents[(int)order[i]])];

        void End()
        {
            if (end > start)
                documents.Add(text.AsMemory(start, end - start));
            start = end;
        }
    }

    /// <summary>Where the first document begins that does not begin before a position; the position itself where none does.</summary>
    public static long Next(TokenIds ids, long position, int mark)
    {
        Span<int> chunk = stackalloc int[1024];
        for (long start = Math.Max(0, position - 1); start < ids.Length; start += chunk.Length)
        {
            Span<int> part = chunk[..(int)Math.Min(chunk.Length, ids.Length - start)];
            ids.Read(start, part);
            if (part.IndexOf(mark) is >= 0 and int found && start + found + 1 < ids.Length)
                return start + found + 1;
        }
        return position;
    }

    private static Permutation Order(int documents) => new(new RandomStream(Lot, RandomPurpose.DocumentOrder, 0), documents);

    private static List<long> Starts(IdSegments ids, int mark, CancellationToken cancellationToken)
    {
        var starts = new List<long>();
        int[] chunk = new int[4096];
        bool begins = true;
        for (long position = 0; position < ids.Length; position += chunk.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<int> part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, ids.Length - position));
            ids.Read(position, part);
            for (int i = 0; i < part.Length; i++)
            {
                if (begins)
                    starts.Add(position + i);
                begins = part[i] == mark;
            }
        }
        return starts;
    }
}

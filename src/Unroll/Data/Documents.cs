// The documents of a corpus: put into their order, and found in it.
using Unroll.Data.Ids;
using Unroll.Data.Tokens;

namespace Unroll.Data;

/// <summary>The documents of a text.</summary>
internal static class Documents
{
    /// <summary>Writes the documents in another order.</summary>
    /// <param name="text">The text. What follows its last mark is a document too.</param>
    /// <param name="writer">Where they go.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public static void Shuffle(NumberedText text, IdWriter writer, CancellationToken cancellationToken)
    {
        IdSegments ids = text.Numbers;
        int mark = Enumerable.Range(0, text.Seen.Count).FirstOrDefault(number => text.Seen[number] == Vocabulary.EndToken);
        List<long> starts = Starts(ids, mark, cancellationToken);
        Permutation order = DocumentOrder.Of(starts.Count);
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

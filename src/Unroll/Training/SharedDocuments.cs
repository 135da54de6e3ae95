// The documents of a text, shared among ranks. Every document is read from a zero state, so whoever reads it gets the losses that one
// process would have got; and the losses are added up in the text's order, token by token, so that the sum is that process's, too.
using System.Runtime.InteropServices;

namespace Unroll.Training;

/// <summary>Gives every document of a text to the rank that has least to do, and adds up what all have scored.</summary>
/// <param name="ranks">The ranks, each of which gets the whole text.</param>
/// <param name="end">The token that ends a document.</param>
/// <param name="scorers">What scores them: each has read the end of a document, and keeps its losses.</param>
/// <param name="piece">Tokens that a rank has about at a time. A document may be longer: it stays with its rank.</param>
internal sealed class SharedDocuments(RankGroup ranks, int end, IReadOnlyList<SequenceScorer> scorers, int piece = 1 << 18)
{
    private readonly int[] waiting = new int[piece * ranks.Count];
    private readonly float[] losses = new float[piece * ranks.Count]; // of all ranks, one after another
    private readonly List<(int Rank, int Tokens)> documents = []; // of the tokens that wait, and parts of documents
    private int filled;
    private int reading; // the rank that has the document under way

    /// <summary>Takes the text's next tokens.</summary>
    public void Add(ReadOnlySpan<int> ids)
    {
        while (ids.Length > 0)
        {
            int taken = Math.Min(ids.Length, waiting.Length - filled);
            ids[..taken].CopyTo(waiting.AsSpan(filled));
            filled += taken;
            ids = ids[taken..];
            if (filled == waiting.Length)
                Score();
        }
    }

    /// <summary>Scores what still waits: the text is at its end.</summary>
    public void Finish() => Score();

    private void Score()
    {
        int[] tokens = new int[ranks.Count];
        documents.Clear();
        for (ReadOnlySpan<int> rest = waiting.AsSpan(0, filled); rest.Length > 0;)
        {
            int last = rest.IndexOf(end);
            ReadOnlySpan<int> document = last < 0 ? rest : rest[..(last + 1)];
            documents.Add((reading, document.Length));
            tokens[reading] += document.Length;
            if (reading == ranks.Rank)
                foreach (SequenceScorer scorer in scorers)
                    scorer.Add(document);
            if (last >= 0)
                reading = Array.IndexOf(tokens, tokens.Min());
            rest = rest[document.Length..];
        }
        foreach (SequenceScorer scorer in scorers)
        {
            scorer.Finish();
            ranks.Gather(MemoryMarshal.AsBytes(scorer.TakeKept()), MemoryMarshal.AsBytes(losses.AsSpan(0, filled)), [.. tokens.Select(count => count * sizeof(float))]);
            int[] next = new int[ranks.Count]; // where each rank's next loss is
            for (int rank = 1; rank < next.Length; rank++)
                next[rank] = next[rank - 1] + tokens[rank - 1];
            foreach ((int rank, int count) in documents)
            {
                scorer.Sum(losses.AsSpan(next[rank], count));
                next[rank] += count;
            }
        }
        filled = 0;
    }
}

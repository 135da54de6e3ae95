// A word as the tokens of byte-pair encoding: of all neighbours that may be merged those are whose merge was learnt first, the
// leftmost of several, until none may be. A heap finds them, so that a word of n bytes costs n log n, however long it is.
namespace Unroll.Data.Tokens;

/// <summary>Encodes words. Not for several threads at once.</summary>
internal sealed class BytePairEncoder(BytePairTable table)
{
    private readonly PriorityQueue<int, ulong> waiting = new(); // where merges begin, by (what they make, where)
    private int[] ids = new int[64]; // at a token's beginning
    private int[] next = new int[64]; // where the token after it begins
    private int[] before = new int[64]; // where the token before it begins, or -1
    private int[] makes = new int[64]; // what it would be merged into with the one after it; 0 = nothing

    /// <summary>The tokens of a word.</summary>
    public int[] Encode(ReadOnlySpan<byte> word)
    {
        int length = word.Length;
        if (ids.Length < length)
            (ids, next, before, makes) = (new int[length], new int[length], new int[length], new int[length]);
        for (int i = 0; i < length; i++)
            (ids[i], next[i], before[i]) = (word[i] + 1, i + 1, i - 1);
        for (int i = 0; i < length; i++)
            Wait(i, length);
        int count = length;
        while (waiting.TryDequeue(out int left, out ulong priority))
        {
            int made = (int)(priority >> 32);
            if (makes[left] != made)
                continue; // one of the two has been merged with something else
            int right = next[left];
            ids[left] = made;
            makes[right] = 0;
            next[left] = next[right];
            if (next[left] < length)
                before[next[left]] = left;
            Wait(left, length);
            if (before[left] >= 0)
                Wait(before[left], length);
            count--;
        }
        int[] tokens = new int[count];
        for (int i = 0, token = 0; i < length; i = next[i])
            tokens[token++] = ids[i];
        return tokens;
    }

    private void Wait(int left, int length)
    {
        int right = next[left];
        makes[left] = right < length ? table.Merge(ids[left], ids[right]) : 0;
        if (makes[left] != 0)
            waiting.Enqueue(left, BytePairTable.Key(makes[left], left));
    }
}

// All words that pairs are counted in, in one row. A pair knows how often it occurs and where; merging it visits these places and
// changes the counts of the neighbours there, so that all merges together cost about as much as the row is long. A pair's count can
// only fall once the merge that made it is done, for neighbours become neighbours when one of them is made. So the queue needs no
// updates: an entry that is no longer true goes back with the count that is. Most neighbours of a new token occur beside it once; they
// are sorted, and those never become a pair that anything knows of.
using System.Runtime.InteropServices;
using System.Text;

namespace Unroll.Data.Tokens;

/// <summary>Counted words as tokens, in which pairs are merged.</summary>
internal sealed class BytePairRow
{
    private const int LeastCount = 2;

    private readonly int[] ids; // at a token's first byte
    private readonly int[] starts; // at a token's last byte: where it begins
    private readonly int[] lengths; // at a token's first byte; 0 between words
    private readonly int[] words; // by byte
    private readonly long[] weights; // by word: how often it occurs
    private readonly Dictionary<ulong, Pair> pairs = [];
    private readonly PriorityQueue<Pair, (long Falling, ulong Key)> queue = new();
    private readonly List<ulong> lefts = [], rights = []; // a merge's neighbours, each with the place of the pair that it makes

    /// <param name="words">The words.</param>
    /// <param name="counts">How often each occurs.</param>
    public BytePairRow(IReadOnlyList<string> words, IReadOnlyList<long> counts)
    {
        int length = checked((int)(1 + words.Sum(word => (long)Encoding.UTF8.GetByteCount(word) + 1)));
        (ids, starts, lengths, this.words) = (new int[length], new int[length], new int[length], new int[length]);
        weights = [.. counts];
        byte[] bytes = new byte[Tokenizer.LongestTokenBytes];
        var places = new Dictionary<ulong, List<int>>();
        int end = 1;
        for (int word = 0; word < words.Count; word++)
        {
            foreach (byte value in bytes.AsSpan(0, Encoding.UTF8.GetBytes(words[word], bytes)))
            {
                (ids[end], starts[end], lengths[end], this.words[end]) = (value + 1, end, 1, word);
                if (lengths[end - 1] != 0)
                {
                    ref List<int>? found = ref CollectionsMarshal.GetValueRefOrAddDefault(places, BytePairTable.DictionaryKey(BytePairTable.Key(ids[end - 1], ids[end])), out _);
                    (found ??= []).Add(end - 1);
                }
                end++;
            }
            end++;
        }
        foreach (List<int> found in places.Values)
            Add(BytePairTable.Key(ids[found[0]], ids[found[0] + 1]), found.Sum(place => counts[this.words[place]]), [.. found]);
    }

    /// <summary>The pair that is merged next: the commonest, of equally common ones that with the smallest ids.</summary>
    public bool TryFindCommonest(out int left, out int right)
    {
        while (queue.TryDequeue(out Pair? pair, out (long Falling, ulong Key) entry))
        {
            if (pair.Count == -entry.Falling)
            {
                (left, right) = ((int)(entry.Key >> 32), (int)(uint)entry.Key);
                return true;
            }
            if (pair.Count >= LeastCount)
                queue.Enqueue(pair, (-pair.Count, entry.Key));
        }
        (left, right) = (0, 0);
        return false;
    }

    /// <summary>Makes one token of two wherever they stand side by side, from left to right.</summary>
    public void Merge(int left, int right, int token)
    {
        pairs.Remove(BytePairTable.DictionaryKey(BytePairTable.Key(left, right)), out Pair? pair);
        foreach (int place in pair!.Places)
        {
            int second = place + lengths[place];
            if (ids[place] != left || ids[second] != right)
                continue; // one of the two has become part of another token
            int after = second + lengths[second];
            if (lengths[place - 1] != 0)
            {
                int before = starts[place - 1];
                // After the token that has just been made this was its neighbour.
                if (ids[before] == token)
                {
                    rights.RemoveAt(rights.Count - 1);
                    Subtract(right, left, weights[words[place]]);
                }
                lefts.Add(BytePairTable.Key(ids[before], before));
            }
            if (lengths[after] != 0)
                rights.Add(BytePairTable.Key(ids[after], place));
            lengths[place] += lengths[second];
            (ids[place], ids[second]) = (token, 0);
            starts[after - 1] = place;
        }
        Count(lefts, left, token, neighbourIsLeft: true);
        Count(rights, right, token, neighbourIsLeft: false);
    }

    // What was a neighbour's pair with a part of the new token is one with the token now.
    private void Count(List<ulong> neighbours, int part, int token, bool neighbourIsLeft)
    {
        neighbours.Sort();
        ReadOnlySpan<ulong> rest = CollectionsMarshal.AsSpan(neighbours);
        while (!rest.IsEmpty)
        {
            int neighbour = (int)(rest[0] >> 32), count = 0;
            long weight = 0;
            for (; count < rest.Length && (int)(rest[count] >> 32) == neighbour; count++)
                weight += weights[words[(int)(uint)rest[count]]];
            if (neighbour != token)
            {
                if (neighbourIsLeft)
                    Subtract(neighbour, part, weight);
                else
                    Subtract(part, neighbour, weight);
            }
            if (weight >= LeastCount)
            {
                int[] places = new int[count];
                for (int i = 0; i < count; i++)
                    places[i] = (int)(uint)rest[i];
                Add(neighbourIsLeft ? BytePairTable.Key(neighbour, token) : BytePairTable.Key(token, neighbour), weight, places);
            }
            rest = rest[count..];
        }
        neighbours.Clear();
    }

    private void Add(ulong key, long count, int[] places)
    {
        if (count < LeastCount)
            return;
        var pair = new Pair(places) { Count = count };
        pairs.Add(BytePairTable.DictionaryKey(key), pair);
        queue.Enqueue(pair, (-count, key));
    }

    private void Subtract(int left, int right, long weight)
    {
        ulong key = BytePairTable.DictionaryKey(BytePairTable.Key(left, right));
        if (pairs.TryGetValue(key, out Pair? pair) && (pair.Count -= weight) < LeastCount)
            pairs.Remove(key);
    }

    private sealed class Pair(int[] places)
    {
        public long Count { get; set; }

        public int[] Places { get; } = places; // ascending; some may be out of date
    }
}

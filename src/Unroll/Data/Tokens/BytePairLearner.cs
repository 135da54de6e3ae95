// Learns the merges of byte-pair encoding (Sennrich et al. 2016): again and again the commonest pair of neighbours within words becomes
// a token, until there are as many as wanted or no pair occurs twice. Of pairs that are equally common the one with the smaller left
// id is merged, of these the one with the smaller right id: so the merges depend on the words and their counts alone.
//
// All words stand in one row. A pair knows how often it occurs and where; merging it visits these places and changes the counts of
// the neighbours there, so that all merges together cost about as much as the row is long. A pair's count can only fall once the
// merge that made it is done, for neighbours become neighbours when one of them is made. So the queue needs no updates: an entry that
// is no longer true goes back with the count that is.
using System.Runtime.InteropServices;
using System.Text;

namespace Unroll.Data.Tokens;

/// <summary>Learns byte pairs from texts: counts their words, then merges.</summary>
internal sealed class BytePairLearner
{
    private const int LeastCount = 2;

    private readonly PreTokenizer cutter = new();
    private readonly NewTokens words = new();
    private readonly List<long> counts = [];

    /// <summary>Counts the words of a piece of a text.</summary>
    /// <param name="text">Whole characters.</param>
    /// <param name="times">How often the text occurs.</param>
    public void Add(ReadOnlySpan<char> text, long times = 1)
    {
        int used = 0;
        while (cutter.TryRead(text, ref used, out ReadOnlySpan<char> word))
            Count(word, times);
    }

    /// <summary>Ends a text, whose last word may be unfinished.</summary>
    public void End(long times = 1)
    {
        while (cutter.TryFinish(out ReadOnlySpan<char> word))
            Count(word, times);
    }

    /// <summary>The tokens of a vocabulary, in id order: the unknown one, the bytes, and merges of what has been counted.</summary>
    /// <param name="size">Tokens wanted; there are fewer where no pair occurs twice any more.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public IReadOnlyList<string> Learn(int size, CancellationToken cancellationToken = default)
    {
        var row = new Row(words.Tokens, counts);
        List<byte[]> bytes = [[], .. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];
        var tokens = new List<string>(BytePairTable.BaseTokens);
        while (tokens.Count < size && row.TryFindCommonest(out int left, out int right))
        {
            cancellationToken.ThrowIfCancellationRequested();
            row.Merge(left, right, tokens.Count);
            bytes.Add([.. bytes[left], .. bytes[right]]);
            tokens.Add(ByteToken.Spell(bytes[^1]));
        }
        return tokens;
    }

    private void Count(ReadOnlySpan<char> word, long times)
    {
        int number = words.Find(word);
        if (number > counts.Count)
            counts.Add(0);
        counts[number - 1] += times;
    }

    private sealed class Row
    {
        private readonly int[] ids; // at a token's first byte
        private readonly int[] starts; // at a token's last byte: where it begins
        private readonly int[] lengths; // at a token's first byte; 0 between words
        private readonly long[] weights; // by word: how often it occurs
        private readonly int[] wordOf; // by byte
        private readonly Dictionary<ulong, Pair> pairs = [];
        private readonly PriorityQueue<Pair, (long Falling, ulong Key)> queue = new();
        private readonly List<Pair> made = []; // pairs that a merge has made

        public Row(IReadOnlyList<string> words, IReadOnlyList<long> counts)
        {
            int length = checked((int)(1 + words.Sum(word => (long)Encoding.UTF8.GetByteCount(word) + 1)));
            (ids, starts, lengths, wordOf) = (new int[length], new int[length], new int[length], new int[length]);
            weights = [.. counts];
            byte[] bytes = new byte[Tokenizer.LongestTokenBytes];
            int end = 1;
            for (int word = 0; word < words.Count; word++)
            {
                foreach (byte value in bytes.AsSpan(0, Encoding.UTF8.GetBytes(words[word], bytes)))
                {
                    (ids[end], starts[end], lengths[end], wordOf[end]) = (value + 1, end, 1, word);
                    if (lengths[end - 1] != 0)
                        Add(end - 1, ids[end - 1], ids[end], weights[word]);
                    end++;
                }
                end++;
            }
            Enqueue();
        }

        /// <summary>The pair that is merged next.</summary>
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
                else
                    pairs.Remove(entry.Key);
            }
            (left, right) = (0, 0);
            return false;
        }

        /// <summary>Makes one token of two wherever they stand side by side, from left to right.</summary>
        public void Merge(int left, int right, int token)
        {
            ulong key = BytePairTable.Key(left, right);
            pairs.Remove(key, out Pair? pair);
            foreach (int place in CollectionsMarshal.AsSpan(pair!.Places))
            {
                int second = place + lengths[place];
                if (ids[place] != left || ids[second] != right)
                    continue; // one of the two has become part of another token
                long weight = weights[wordOf[place]];
                int before = lengths[place - 1] == 0 ? 0 : starts[place - 1];
                int after = second + lengths[second];
                lengths[place] += lengths[second];
                (ids[place], ids[second]) = (token, 0);
                starts[after - 1] = place;
                if (before != 0)
                {
                    Subtract(ids[before], left, weight);
                    Add(before, ids[before], token, weight);
                }
                if (lengths[after] != 0)
                {
                    Subtract(right, ids[after], weight);
                    Add(place, token, ids[after], weight);
                }
            }
            Enqueue();
        }

        private void Add(int place, int left, int right, long weight)
        {
            ref Pair? pair = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, BytePairTable.Key(left, right), out bool exists);
            if (!exists)
                made.Add(pair = new Pair(BytePairTable.Key(left, right)));
            pair!.Count += weight;
            pair.Places.Add(place);
        }

        private void Subtract(int left, int right, long weight)
        {
            if (pairs.TryGetValue(BytePairTable.Key(left, right), out Pair? pair))
                pair.Count -= weight;
        }

        private void Enqueue()
        {
            foreach (Pair pair in made)
            {
                if (pair.Count >= LeastCount)
                    queue.Enqueue(pair, (-pair.Count, pair.Key));
                else
                    pairs.Remove(pair.Key);
            }
            made.Clear();
        }
    }

    private sealed class Pair(ulong key)
    {
        public ulong Key { get; } = key;

        public long Count { get; set; }

        public List<int> Places { get; } = [];
    }
}

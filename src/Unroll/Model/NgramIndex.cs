// Which n-grams of a text have rows in a model's tables. They form a tree that grows into the past: the context of an n-gram is
// what its last n − 1 tokens are, a token or an (n−1)-gram, and one older token stands before it. So the longest known n-gram
// that ends at a position is found by walking back, token by token, until there is no further row.
//     node 0 … V−1        the tokens themselves
//     node V + r          row r
// Rows lie in the order of their keys (node of the context, older token), which puts shorter n-grams before longer ones.
namespace Unroll.Model;

/// <summary>The n-grams that have rows, each with a number.</summary>
internal sealed class NgramIndex
{
    private const long Empty = -1;

    private readonly int vocabularySize;
    private readonly int[] entries; // [rows, 2]: node of the context, older token
    private readonly int[] ends; // [order − 2]: where the rows of each order end
    private readonly long[] keys; // by hash
    private readonly int[] rows;

    /// <param name="vocabularySize">V.</param>
    /// <param name="entries">[rows, 2]: the node of each n-gram's context and the token before it, in ascending order.</param>
    /// <param name="most">The highest order there may be.</param>
    /// <exception cref="UnrollException">The entries are no such tree.</exception>
    public NgramIndex(int vocabularySize, int[] entries, int most)
    {
        (this.vocabularySize, this.entries) = (vocabularySize, entries);
        Rows = entries.Length / 2;
        int capacity = 16;
        while (capacity < 2 * Rows)
            capacity *= 2;
        (keys, rows, ends) = (new long[capacity], new int[capacity], new int[Math.Max(0, most - 1)]);
        Array.Fill(keys, Empty);
        long last = -1;
        byte[] orders = new byte[Rows];
        for (int row = 0; row < Rows; row++)
        {
            (int node, int token) = (entries[2 * row], entries[2 * row + 1]);
            if (node < 0 || node >= vocabularySize + row || (uint)token >= (uint)vocabularySize)
                throw new UnrollException($"its n-gram {row} does not continue one that stands before it.");
            long key = Key(node, token);
            orders[row] = node < vocabularySize ? (byte)2 : (byte)(orders[node - vocabularySize] + 1);
            if (key <= last || orders[row] > most)
                throw new UnrollException($"its n-gram {row} is not in its place, or longer than {most} tokens.");
            last = key;
            ends[orders[row] - 2] = row + 1;
            int place = Place(key);
            while (keys[place] != Empty)
                place = (place + 1) & (keys.Length - 1);
            (keys[place], rows[place]) = (key, row);
        }
        for (int order = 1; order < ends.Length; order++)
            ends[order] = Math.Max(ends[order], ends[order - 1]);
    }

    /// <summary>The same n-grams among more tokens: the nodes of rows stand behind those of all tokens. Their order stays, since the
    /// new tokens are in none of them.</summary>
    /// <param name="tokens">How many tokens there are, V or more.</param>
    public NgramIndex Among(int tokens) => tokens == vocabularySize ? this
        : new NgramIndex(tokens, [.. entries.Select((entry, i) => i % 2 == 0 && entry >= vocabularySize ? entry + tokens - vocabularySize : entry)], ends.Length + 1);

    /// <summary>These n-grams and others of the same tokens, order by order: an order's rows name those of the order before.</summary>
    /// <param name="other">The others, of the same highest order.</param>
    /// <param name="places">[rows]: which rows the n-grams of these have among all.</param>
    public NgramIndex With(NgramIndex other, out int[] places)
    {
        places = new int[Rows];
        int[] others = new int[other.Rows];
        var all = new List<int>();
        for (int order = 2; order <= ends.Length + 1; order++)
        {
            long[] own = KeysOf(order, places), theirs = other.KeysOf(order, others);
            long[] both = [.. own.Concat(theirs).Distinct().Order()];
            int first = all.Count / 2;
            for (int i = 0; i < own.Length; i++)
                places[RowsTo(order - 1) + i] = first + Array.BinarySearch(both, own[i]);
            for (int i = 0; i < theirs.Length; i++)
                others[other.RowsTo(order - 1) + i] = first + Array.BinarySearch(both, theirs[i]);
            foreach (long key in both)
                all.AddRange([(int)(key / vocabularySize), (int)(key % vocabularySize)]);
        }
        return new NgramIndex(vocabularySize, [.. all], ends.Length + 1);
    }

    /// <summary>How many n-grams have rows.</summary>
    public int Rows { get; }

    /// <summary>[rows, 2], as a file keeps it.</summary>
    public int[] Entries => entries;

    /// <summary>The n-grams of orders 2 to n, which are the first rows.</summary>
    public int RowsTo(int order) => order < 2 ? 0 : ends[order - 2];

    /// <summary>The row of an n-gram one token longer, or −1.</summary>
    /// <param name="context">The context's row, or −1 − token where it is a single token.</param>
    /// <param name="older">The token before it.</param>
    public int Find(int context, int older)
    {
        long key = Key(context < 0 ? ~context : vocabularySize + context, older);
        for (int place = Place(key); keys[place] != Empty; place = (place + 1) & (keys.Length - 1))
            if (keys[place] == key)
                return rows[place];
        return -1;
    }

    // The keys of an order's rows when those of the order before have other places.
    private long[] KeysOf(int order, int[] places) => [.. Enumerable.Range(RowsTo(order - 1), RowsTo(order) - RowsTo(order - 1))
        .Select(row => Key(entries[2 * row] < vocabularySize ? entries[2 * row] : vocabularySize + places[entries[2 * row] - vocabularySize], entries[2 * row + 1]))];

    private long Key(int node, int token) => (long)node * vocabularySize + token;

    // Fibonacci hashing: the high bits of a product with the golden ratio.
    private int Place(long key) => (int)((ulong)key * 0x9E3779B97F4A7C15ul >> 20) & (keys.Length - 1);
}

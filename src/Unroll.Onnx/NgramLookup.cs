// ONNX has no dictionary. What an n-gram's row is, is found by a perfect hash: every key has a bucket, every bucket a displacement that
// moves its keys to places that nobody else has ("hash, displace and compress"; Belazzougui, Botelho and Dietzfelbinger 2009). The
// graph looks up two numbers, and compares the key that stands there.
using Unroll.Model;

namespace Unroll.Onnx;

/// <summary>The n-grams of a network as tables without collisions.</summary>
internal sealed class NgramLookup
{
    private const long BucketPrime = 2_147_483_629; // so that what decides on buckets is not what decides on places
    private const int KeysOfBucket = 4, MostDisplacements = 1 << 20;

    private NgramLookup(int places, int buckets) => (Displacements, Keys, Rows) = (new long[buckets], new long[places], new long[places]);

    /// <summary>By bucket.</summary>
    public long[] Displacements { get; }

    /// <summary>By place: the key there, or −2.</summary>
    public long[] Keys { get; }

    /// <summary>By place: the key's row.</summary>
    public long[] Rows { get; }

    /// <summary>Makes the tables.</summary>
    /// <param name="index">The n-grams.</param>
    /// <param name="vocabularySize">V: a key is V·node + older token, as <see cref="NgramIndex"/> has it.</param>
    public static NgramLookup Of(NgramIndex index, int vocabularySize)
    {
        long[] keys = [.. Enumerable.Range(0, index.Rows).Select(row => (long)index.Entries[2 * row] * vocabularySize + index.Entries[2 * row + 1])];
        for (int places = Prime(Math.Max(17, keys.Length + keys.Length / 4)); ; places = Prime(places + 1 + places / 16))
        {
            var lookup = new NgramLookup(places, Math.Max(1, keys.Length / KeysOfBucket));
            if (lookup.TryPlace(keys))
                return lookup;
        }
    }

    /// <summary>Adds to a graph: the row of each key, or a number of one's choice for those that have none.</summary>
    /// <param name="graph">The graph, which has the tables by the names that <see cref="AddTables"/> gave.</param>
    /// <param name="tables">Their names.</param>
    /// <param name="key">Whole numbers of any shape; none below −1.</param>
    /// <param name="missing">The row of what has none.</param>
    public static string Find(Graph graph, string[] tables, (long Places, long Buckets) size, string key, long missing)
    {
        // A key of −1 is that of no n-gram; remainders want it at least 0.
        string shifted = graph.Of("Add", key, graph.Number(1));
        string bucket = Remainder(Remainder(shifted, BucketPrime), size.Buckets);
        string displacement = graph.Of("Gather", tables[0], bucket);
        string stride = graph.Of("Add", Remainder(shifted, size.Places - 1), graph.Number(1));
        string place = Remainder(graph.Of("Add", shifted, graph.Of("Mul", displacement, stride)), size.Places);
        string isThere = graph.Of("Equal", graph.Of("Gather", tables[1], place), key);
        return graph.Of("Where", isThere, graph.Of("Gather", tables[2], place), graph.Number(missing));

        string Remainder(string value, long divisor) => graph.Of("Mod", value, graph.Number(divisor));
    }

    /// <summary>Puts the tables into a graph.</summary>
    public string[] AddTables(Graph graph, string prefix) =>
        [graph.Numbers($"{prefix}ngrams.displacements", Displacements), graph.Numbers($"{prefix}ngrams.keys", Keys), graph.Numbers($"{prefix}ngrams.rows", Rows)];

    private bool TryPlace(long[] keys)
    {
        Array.Fill(Keys, -2);
        // The fullest buckets first, while there is room.
        IEnumerable<int[]> buckets = Enumerable.Range(0, keys.Length).GroupBy(row => (keys[row] + 1) % BucketPrime % Displacements.Length)
            .Select(bucket => bucket.ToArray()).OrderByDescending(bucket => bucket.Length);
        foreach (int[] bucket in buckets)
        {
            int displacement = 0;
            while (!Fits(keys, bucket, displacement))
                if (++displacement == MostDisplacements)
                    return false;
            Displacements[(keys[bucket[0]] + 1) % BucketPrime % Displacements.Length] = displacement;
            foreach (int row in bucket)
                (Keys[Place(keys[row], displacement)], Rows[Place(keys[row], displacement)]) = (keys[row], row);
        }
        return true;
    }

    private bool Fits(long[] keys, int[] bucket, int displacement)
    {
        for (int i = 0; i < bucket.Length; i++)
        {
            long place = Place(keys[bucket[i]], displacement);
            if (Keys[place] != -2)
                return false;
            for (int j = 0; j < i; j++)
                if (Place(keys[bucket[j]], displacement) == place)
                    return false;
        }
        return true;
    }

    private long Place(long key, long displacement) => (key + 1 + displacement * (1 + (key + 1) % (Keys.Length - 1))) % Keys.Length;

    private static int Prime(int from)
    {
        for (int candidate = from | 1; ; candidate += 2)
        {
            int divisor = 3;
            while ((long)divisor * divisor <= candidate && candidate % divisor != 0)
                divisor += 2;
            if ((long)divisor * divisor > candidate)
                return candidate;
        }
    }
}

namespace Unroll.Tests.Ranks;

/// <summary>The balanced tree of sums, written down as it is defined, and numbers for which its order shows.</summary>
internal static class NaiveTree
{
    public static float[] Tree(float[][] parts)
    {
        while (parts.Length > 1)
            parts = [.. parts.Chunk(2).Select(pair => pair[0].Zip(pair[1], (a, b) => a + b).ToArray())];
        return [.. parts[0]];
    }

    public static float[] Numbers(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() - 0.5) * (random.Next(3) == 0 ? 1000 : 1)))];
    }

    public static uint[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToUInt32Bits)];
}

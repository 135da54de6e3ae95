namespace Unroll.Data;

/// <summary>A growing row of ids, in segments: it never copies what it holds, and may pass 2^31 ids.</summary>
internal sealed class TokenIdList
{
    private const int Shift = 16;

    private readonly List<int[]> segments = [];

    /// <summary>The number of ids.</summary>
    public long Length { get; private set; }

    public void Append(ReadOnlySpan<int> ids)
    {
        while (!ids.IsEmpty)
        {
            int used = (int)(Length & ((1 << Shift) - 1));
            if (used == 0)
                segments.Add(new int[1 << Shift]);
            Span<int> free = segments[^1].AsSpan(used);
            int count = Math.Min(free.Length, ids.Length);
            ids[..count].CopyTo(free);
            ids = ids[count..];
            Length += count;
        }
    }

    /// <summary>Replaces every id by its entry in <paramref name="map"/>.</summary>
    public void Map(ReadOnlySpan<int> map)
    {
        long left = Length;
        foreach (int[] segment in segments)
        {
            foreach (ref int id in segment.AsSpan(0, (int)Math.Min(left, segment.Length)))
                id = map[id];
            left -= segment.Length;
        }
    }

    /// <summary>The sum of <paramref name="weights"/> over the ids from a position to the end.</summary>
    public long Sum(long start, ReadOnlySpan<int> weights)
    {
        long sum = 0;
        for (long position = start; position < Length; position++)
            sum += weights[segments[(int)(position >> Shift)][position & ((1 << Shift) - 1)]];
        return sum;
    }

    /// <summary>The ids. The list is not to be changed afterwards.</summary>
    public TokenIds ToTokenIds()
    {
        var memory = new ReadOnlyMemory<int>[segments.Count];
        long left = Length;
        for (int i = 0; i < memory.Length; i++, left -= 1 << Shift)
        {
            // A short text should not hold a whole segment.
            memory[i] = left < 1 << Shift ? segments[i].AsSpan(0, (int)left).ToArray() : segments[i];
        }
        return new TokenIds(memory, Shift, start: 0, Length);
    }
}

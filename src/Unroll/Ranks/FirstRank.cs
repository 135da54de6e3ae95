using System.Runtime.InteropServices;
using System.Text;

namespace Unroll.Ranks;

/// <summary>What one rank decides for all: by its clock, its files, and the person in front of it. Without ranks everybody decides
/// for itself.</summary>
internal static class FirstRank
{
    /// <summary>Whether this process measures time, writes files and talks to people.</summary>
    public static bool IsFirst(this RankGroup? ranks) => ranks is null or { Rank: 0 };

    /// <summary>The first rank's number.</summary>
    public static double Decide(this RankGroup? ranks, double value)
    {
        ranks?.Broadcast(MemoryMarshal.AsBytes(new Span<double>(ref value)));
        return value;
    }

    /// <summary>The first rank's answer.</summary>
    public static bool Decide(this RankGroup? ranks, bool value) => ranks is null ? value : ranks.Decide(value ? 1.0 : 0) != 0;

    /// <summary>The first rank's text.</summary>
    public static string Decide(this RankGroup? ranks, string value)
    {
        if (ranks is null)
            return value;
        byte[] bytes = ranks.IsFirst() ? Encoding.UTF8.GetBytes(value) : [];
        int length = (int)ranks.Decide((double)bytes.Length);
        if (!ranks.IsFirst())
            bytes = new byte[length];
        ranks.Broadcast(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Checks that all ranks have what the first one has.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="own">What this rank has.</param>
    /// <param name="mistake">What is wrong otherwise, after "Rank 3": such as "has read another text than the first rank: …".</param>
    /// <exception cref="UnrollException">This rank has something else.</exception>
    public static void RequireSame(this RankGroup ranks, string own, string mistake)
    {
        if (ranks.Decide(own) != own)
            throw new UnrollException($"Rank {ranks.Rank} {mistake}");
    }

    /// <summary>The texts of all ranks, on every one.</summary>
    public static string[] GatherTexts(this RankGroup ranks, string own) => [.. ranks.GatherBytes(Encoding.UTF8.GetBytes(own)).Select(Encoding.UTF8.GetString)];

    /// <summary>The bytes of all ranks, on every one.</summary>
    public static byte[][] GatherBytes(this RankGroup ranks, byte[] own)
    {
        int[] lengths = new int[ranks.Count], sizes = new int[ranks.Count];
        Array.Fill(sizes, sizeof(int));
        ranks.Gather(MemoryMarshal.AsBytes<int>([own.Length]), MemoryMarshal.AsBytes(lengths.AsSpan()), sizes);
        byte[] all = new byte[lengths.Sum()];
        ranks.Gather(own, all, lengths);
        int start = 0;
        return [.. lengths.Select(length => all[start..(start += length)])];
    }

    /// <summary>The first rank's values.</summary>
    public static void Decide(this RankGroup? ranks, Span<float> values)
    {
        const int Piece = 1 << 26;
        for (int start = 0; ranks is not null && start < values.Length; start += Piece)
            ranks.Broadcast(MemoryMarshal.AsBytes(values.Slice(start, Math.Min(Piece, values.Length - start))));
    }
}

// Lines that ranks have scored side by side, brought together again. A line's row is made by the rank that has scored it, so what travels
// is what is shown, and of other lines their figures.
using System.Text;
using Unroll.Ranks;

namespace Unroll.Cli.Evaluating;

/// <summary>Gathers rows from ranks.</summary>
internal static class SharedRows
{
    /// <summary>The rows of all ranks, on every one, in the lines' order. One process has them all itself.</summary>
    /// <param name="ranks">The ranks, or null.</param>
    /// <param name="own">This rank's, in their order.</param>
    public static IEnumerable<LineRow> Gather(RankGroup? ranks, IEnumerable<LineRow> own) =>
        ranks is null ? own : ranks.GatherBytes(Write(own)).SelectMany(Read).OrderBy(row => row.Number);

    private static byte[] Write(IEnumerable<LineRow> rows)
    {
        var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        foreach ((long number, TextScore score, string text) in rows)
        {
            writer.Write(number);
            writer.Write(score.Tokens);
            writer.Write(score.Characters);
            writer.Write(score.Bytes);
            writer.Write(score.Unknown);
            writer.Write(score.TotalLoss);
            writer.Write(score.TotalEntropy);
            writer.Write(text);
        }
        writer.Flush();
        return bytes.ToArray();
    }

    private static IEnumerable<LineRow> Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        while (reader.BaseStream.Position < bytes.Length)
        {
            long number = reader.ReadInt64();
            var score = new TextScore(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadDouble()) { TotalEntropy = reader.ReadDouble() };
            yield return new LineRow(number, score, reader.ReadString());
        }
    }
}

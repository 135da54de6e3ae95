using System.Buffers.Binary;

namespace Unroll.Data.Ids;

/// <summary>Some ids, each in as many bytes (1, 2 or 4, little-endian) as the greatest of them needs.</summary>
/// <param name="Width">Bytes per id.</param>
/// <param name="Offset">Where they begin in the file, if they are in one.</param>
/// <param name="Digest">Their bytes' SHA-256.</param>
/// <param name="Bytes">Their bytes, or null where they are in a file.</param>
internal readonly record struct IdSegment(int Width, long Offset, byte[] Digest, byte[]? Bytes)
{
    /// <summary>Ids in a segment; the last one of a row may hold fewer.</summary>
    public const int Length = 1 << Shift;

    /// <summary>The logarithm of <see cref="Length"/>.</summary>
    public const int Shift = 18;

    /// <summary>The bytes that each of these ids needs.</summary>
    public static int WidthFor(ReadOnlySpan<int> ids)
    {
        uint all = 0; // as many bits as the greatest
        foreach (int id in ids)
            all |= (uint)id;
        return all <= byte.MaxValue ? 1 : all <= ushort.MaxValue ? 2 : 4;
    }

    /// <summary>Whether packed ids are all smaller than a bound: whether they mean something.</summary>
    public static bool AreBelow(int bound, ReadOnlySpan<byte> bytes, int width)
    {
        if (width == 1)
            return bound > byte.MaxValue || !bytes.ContainsAnyInRange((byte)bound, byte.MaxValue);
        Span<int> ids = stackalloc int[1024];
        for (; !bytes.IsEmpty; bytes = bytes[(ids.Length * width)..])
        {
            ids = ids[..Math.Min(ids.Length, bytes.Length / width)];
            Unpack(bytes[..(ids.Length * width)], width, ids);
            if (ids.ContainsAnyExceptInRange(0, bound - 1))
                return false;
        }
        return true;
    }

    /// <summary>Packs ids at a width.</summary>
    public static void Pack(ReadOnlySpan<int> ids, int width, Span<byte> bytes)
    {
        switch (width)
        {
            case 1:
                for (int i = 0; i < ids.Length; i++)
                    bytes[i] = (byte)ids[i];
                break;
            case 2:
                for (int i = 0; i < ids.Length; i++)
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes[(2 * i)..], (ushort)ids[i]);
                break;
            default:
                for (int i = 0; i < ids.Length; i++)
                    BinaryPrimitives.WriteInt32LittleEndian(bytes[(4 * i)..], ids[i]);
                break;
        }
    }

    /// <summary>Unpacks ids of a width.</summary>
    public static void Unpack(ReadOnlySpan<byte> bytes, int width, Span<int> ids)
    {
        switch (width)
        {
            case 1:
                for (int i = 0; i < ids.Length; i++)
                    ids[i] = bytes[i];
                break;
            case 2:
                for (int i = 0; i < ids.Length; i++)
                    ids[i] = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
                break;
            default:
                for (int i = 0; i < ids.Length; i++)
                    ids[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]);
                break;
        }
    }
}

// Weights as few bits: whole numbers, and for each group of them in a row the scale that they are multiples of. Of 16 bits a group is long,
// and the scale next to nothing; of 8 bits a group is short, so that one large weight coarsens few others.
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Unroll.Export;

/// <summary>Where a tensor stands among a page's numbers.</summary>
/// <param name="At">Its first byte: the scales, floats, then the numbers.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Numbers of a row.</param>
/// <param name="Group">How many of them have a scale together.</param>
internal readonly record struct PackedTensor(long At, int Rows, int Columns, int Group);

/// <summary>The numbers of a page, in the order of their bytes.</summary>
internal sealed class PackedNumbers(int bits)
{
    private readonly MemoryStream bytes = new();

    /// <summary>All of them.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes.GetBuffer().AsMemory(0, (int)bytes.Length);

    /// <summary>The bytes that a tensor takes.</summary>
    public static long Length(long rows, long columns, int bits) => Padded(4 * rows * Groups(columns, bits) + rows * columns * bits / 8);

    /// <summary>Adds a tensor, and makes its values what they are when it is unpacked.</summary>
    /// <param name="values">[rows, columns].</param>
    /// <param name="columns">Numbers of a row.</param>
    public PackedTensor Add(Span<float> values, int columns)
    {
        int rows = columns == 0 ? 0 : values.Length / columns, group = GroupOf(bits);
        var packed = new PackedTensor(bytes.Length, rows, columns, group);
        double most = (1 << (bits - 1)) - 1;
        float[] scales = new float[rows * Groups(columns, bits)];
        byte[] numbers = new byte[(long)values.Length * bits / 8];
        for (int row = 0, next = 0; row < rows; row++)
        {
            Span<float> all = values.Slice(row * columns, columns);
            for (int first = 0; first < columns; first += group, next++)
            {
                Span<float> some = all[first..Math.Min(columns, first + group)];
                float largest = 0;
                foreach (float value in some)
                    largest = Math.Max(largest, Math.Abs(value));
                float scale = scales[next] = (float)(largest / most);
                for (int i = 0; i < some.Length; i++)
                {
                    int number = scale > 0 ? (int)Math.Clamp(Math.Round(some[i] / (double)scale), -most, most) : 0;
                    int place = row * columns + first + i;
                    if (bits == 8)
                        numbers[place] = (byte)(sbyte)number;
                    else
                        BinaryPrimitives.WriteInt16LittleEndian(numbers.AsSpan(2 * place), (short)number);
                    some[i] = scale * number;
                }
            }
        }
        Add<float>(scales);
        Add<byte>(numbers);
        return packed;
    }

    /// <summary>Adds numbers of four bytes as they are; of the others, zeros up to four bytes.</summary>
    /// <returns>Where they stand.</returns>
    public long Add<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        long at = bytes.Length;
        bytes.Write(MemoryMarshal.AsBytes(values));
        bytes.SetLength(Padded(bytes.Length));
        bytes.Position = bytes.Length;
        return at;
    }

    private static long Groups(long columns, int bits) => (columns + GroupOf(bits) - 1) / GroupOf(bits);

    private static int GroupOf(int bits) => bits == 8 ? 32 : 256;

    private static long Padded(long length) => (length + 3) / 4 * 4;
}

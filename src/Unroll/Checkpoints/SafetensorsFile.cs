// A safetensors file that is being read: its header, and the numbers of its tensors, with halves widened. Knows the container only,
// and believes as little of it as its parser does.
using System.Runtime.InteropServices;

namespace Unroll.Checkpoints;

/// <summary>Reads the tensors of a safetensors file. Every method throws <see cref="UnusableFileException"/> where something is wrong.</summary>
internal sealed class SafetensorsFile
{
    /// <summary>Floats per read: many enough that calls do not count, few enough that they are checked while they are near.</summary>
    public const int Piece = 1 << 16;

    private readonly Stream stream;
    private readonly long start; // of the file in the stream
    private readonly long dataStart;
    private byte[]? bytes; // for halves

    /// <summary>Reads and checks the header.</summary>
    /// <param name="stream">A stream that can seek, from where it stands to its end.</param>
    public SafetensorsFile(Stream stream)
    {
        (this.stream, start) = (stream, stream.Position);
        long length = stream.Length - start;
        if (length == 0)
            throw new UnusableFileException("it is empty");
        if (length < SafetensorsHeader.PrefixLength)
            throw new UnusableFileException($"it has only {length} bytes");
        Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixLength];
        ReadBytes(0, prefix);
        byte[] text = new byte[SafetensorsParser.ParseLength(prefix, length)];
        ReadBytes(SafetensorsHeader.PrefixLength, text);
        dataStart = SafetensorsHeader.PrefixLength + text.Length;
        Header = SafetensorsParser.Parse(text, length - dataStart);
    }

    /// <summary>What the file says of itself.</summary>
    public SafetensorsHeader Header { get; }

    /// <summary>Reads all numbers of a tensor and checks that they are finite.</summary>
    public void ReadFloats(SafetensorsTensor tensor, Span<float> values)
    {
        for (int first = 0; first < values.Length; first += Piece)
        {
            Span<float> piece = values.Slice(first, Math.Min(Piece, values.Length - first));
            ReadPiece(tensor, first, piece);
            FiniteNumbers.Check(tensor.Name, piece);
        }
    }

    /// <summary>Reads some of a tensor's numbers, at most <see cref="Piece"/>, halves widened.</summary>
    public void ReadPiece(SafetensorsTensor tensor, long first, Span<float> values)
    {
        long position = dataStart + tensor.Begin + first * tensor.ElementSize;
        if (tensor.Type == NumberType.F32)
        {
            ReadBytes(position, MemoryMarshal.AsBytes(values));
            return;
        }
        bytes ??= new byte[Piece * sizeof(ushort)];
        Span<byte> raw = bytes.AsSpan(0, values.Length * tensor.ElementSize);
        ReadBytes(position, raw);
        ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(raw);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = tensor.Type == NumberType.F16
                ? (float)BitConverter.UInt16BitsToHalf(halves[i])
                : BitConverter.Int32BitsToSingle(halves[i] << 16); // a bfloat16 is a float's first half
        }
    }

    /// <summary>Reads a tensor's bytes as they are, from the first on.</summary>
    public void ReadBytes(SafetensorsTensor tensor, Span<byte> destination) => ReadBytes(dataStart + tensor.Begin, destination);

    private void ReadBytes(long position, Span<byte> destination)
    {
        stream.Position = start + position;
        try
        {
            stream.ReadExactly(destination);
        }
        catch (EndOfStreamException)
        {
            throw new UnusableFileException("it became shorter while it was read");
        }
    }
}

// Reads the header of a safetensors file and believes none of it: whatever the bytes are, the answer is a header in
// which every tensor lies inside the file and every byte of the data belongs to exactly one tensor, or one clause
// that says what is wrong. Memory in proportion to the header's length, whatever numbers stand in it.
using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;
using Unroll.Options;

namespace Unroll.Checkpoints;

/// <summary>Reads headers. Every method throws <see cref="UnusableFileException"/> where something is wrong.</summary>
internal static class SafetensorsParser
{
    private const int MaximumRank = 8;

    /// <summary>Reads the length field and holds it against the length of the file.</summary>
    /// <param name="prefix">The file's first eight bytes.</param>
    /// <param name="fileLength">The length of the whole file.</param>
    public static int ParseLength(ReadOnlySpan<byte> prefix, long fileLength)
    {
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        long most = fileLength - SafetensorsHeader.PrefixLength;
        if (length > (ulong)most)
            throw new UnusableFileException($"its first eight bytes announce a header of {length} bytes, but only {most} bytes follow");
        if (length > SafetensorsHeader.MaximumLength)
            throw new UnusableFileException($"its header of {length} bytes is longer than the {SafetensorsHeader.MaximumLength} that are allowed");
        return (int)length;
    }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="header">The header's bytes, without the length field.</param>
    /// <param name="dataLength">How many bytes follow it in the file.</param>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> header, long dataLength)
    {
        if (!Utf8.IsValid(header))
            throw new UnusableFileException("its header is not UTF-8 text");
        var metadata = new Dictionary<string, string>();
        var tensors = new Dictionary<string, SafetensorsTensor>();
        try
        {
            ReadHeader(header, metadata, tensors);
        }
        // The JSON reader throws the second where an escape stands for half a surrogate pair.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new UnusableFileException("its header is not valid JSON");
        }
        CheckPlaces(tensors.Values, dataLength);
        return new SafetensorsHeader(metadata, tensors);
    }

    private static void ReadHeader(ReadOnlySpan<byte> header, Dictionary<string, string> metadata, Dictionary<string, SafetensorsTensor> tensors)
    {
        var reader = new Utf8JsonReader(header);
        bool hasMetadata = false;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new UnusableFileException("its header is not a JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == SafetensorsHeader.MetadataName)
            {
                if (hasMetadata)
                    throw new UnusableFileException("its header has the metadata twice");
                hasMetadata = true;
                ReadMetadata(ref reader, metadata);
            }
            else if (!tensors.TryAdd(name, ReadTensor(ref reader, name)))
            {
                throw new UnusableFileException($"its header has the tensor {Quoted.Text(name)} twice");
            }
        }
        // Nothing but white space may follow; the reader throws at anything else.
        reader.Read();
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new UnusableFileException("its metadata is not a JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw new UnusableFileException($"its metadata {Quoted.Text(key)} is not a string");
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw new UnusableFileException($"its metadata has {Quoted.Text(key)} twice");
        }
    }

    private static SafetensorsTensor ReadTensor(ref Utf8JsonReader reader, string name)
    {
        string? type = null;
        long[]? shape = null, offsets = null;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new UnusableFileException($"the entry of the tensor {Quoted.Text(name)} is not a JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "dtype" when type is null:
                    if (reader.TokenType != JsonTokenType.String)
                        throw new UnusableFileException($"the dtype of the tensor {Quoted.Text(name)} is not a string");
                    type = reader.GetString()!;
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, name, key);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, name, key);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw new UnusableFileException($"the entry of the tensor {Quoted.Text(name)} has {Quoted.Text(key)} twice");
                default:
                    throw new UnusableFileException($"the entry of the tensor {Quoted.Text(name)} has an unknown key {Quoted.Text(key)}");
            }
        }
        if (type is null || shape is null || offsets is not [long begin, long end])
            throw new UnusableFileException($"the entry of the tensor {Quoted.Text(name)} needs a dtype, a shape and two data_offsets");
        if (!TypeOf(type, out NumberType numbers))
            throw new UnusableFileException($"the tensor {Quoted.Text(name)} has the dtype {Quoted.Text(type)}, not \"F32\", \"F16\", \"BF16\", \"I32\", \"U16\" or \"U8\"");
        if (begin > end)
            throw new UnusableFileException($"the tensor {Quoted.Text(name)} ends before it begins");
        if (ByteSize(shape, SafetensorsTensor.SizeOf(numbers)) != (ulong)(end - begin))
            throw new UnusableFileException($"the tensor {Quoted.Text(name)} has {end - begin} bytes, which its shape [{string.Join(", ", shape)}] contradicts");
        return new SafetensorsTensor(name, shape, begin, end, numbers);
    }

    private static bool TypeOf(string name, out NumberType type)
    {
        (bool known, type) = name switch
        {
            "F32" => (true, NumberType.F32),
            "F16" => (true, NumberType.F16),
            "BF16" => (true, NumberType.BF16),
            "I32" => (true, NumberType.I32),
            "U16" => (true, NumberType.U16),
            "U8" => (true, NumberType.U8),
            _ => (false, default),
        };
        return known;
    }

    private static long[] ReadNumbers(ref Utf8JsonReader reader, string name, string key)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new UnusableFileException($"the {key} of the tensor {Quoted.Text(name)} is not an array");
        var numbers = new List<long>(MaximumRank);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw new UnusableFileException($"the {key} of the tensor {Quoted.Text(name)} has an element that is not a whole number from 0 to {long.MaxValue}");
            if (numbers.Count == MaximumRank)
                throw new UnusableFileException($"the {key} of the tensor {Quoted.Text(name)} has more than {MaximumRank} elements");
            numbers.Add(number);
        }
        return [.. numbers];
    }

    /// <summary>The bytes of a shape, or some number above 2^63 where there are as many or more.</summary>
    private static UInt128 ByteSize(ReadOnlySpan<long> shape, int elementSize)
    {
        if (shape.Contains(0))
            return 0;
        UInt128 size = (UInt128)elementSize;
        foreach (long dimension in shape)
        {
            size *= (ulong)dimension; // both below 2^63 here: no overflow
            if (size > long.MaxValue)
                break;
        }
        return size;
    }

    private static void CheckPlaces(IEnumerable<SafetensorsTensor> tensors, long dataLength)
    {
        long position = 0;
        string previous = "";
        foreach (SafetensorsTensor tensor in tensors.OrderBy(tensor => tensor.Begin).ThenBy(tensor => tensor.End))
        {
            if (tensor.End > dataLength)
                throw new UnusableFileException($"the tensor {Quoted.Text(tensor.Name)} ends {tensor.End} bytes after the header, but only {dataLength} bytes follow (a copy cut short?)");
            if (tensor.Begin < position)
                throw new UnusableFileException($"the tensors {Quoted.Text(previous)} and {Quoted.Text(tensor.Name)} overlap");
            if (tensor.Begin > position)
                throw new UnusableFileException($"{tensor.Begin - position} bytes before the tensor {Quoted.Text(tensor.Name)} belong to no tensor");
            (position, previous) = (tensor.End, tensor.Name);
        }
        if (position < dataLength)
            throw new UnusableFileException($"the last {dataLength - position} bytes belong to no tensor");
    }
}

// The header of a safetensors file: eight bytes with its length, then one JSON object that says which tensor lies
// where, and strings under __metadata__. Knows the container only, nothing of models.
using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Unroll.Checkpoints;

/// <summary>What a safetensors file says of itself.</summary>
/// <param name="Metadata">Keys and values.</param>
/// <param name="Tensors">The tensors by name.</param>
internal sealed record SafetensorsHeader(IReadOnlyDictionary<string, string> Metadata, IReadOnlyDictionary<string, SafetensorsTensor> Tensors)
{
    /// <summary>The length field in front of the header.</summary>
    public const int PrefixLength = sizeof(ulong);

    /// <summary>The longest header that is written or read, as in the reference implementation.</summary>
    public const int MaximumLength = 100_000_000;

    /// <summary>The name in the header under which metadata stand.</summary>
    public const string MetadataName = "__metadata__";

    private const int Alignment = 64;

    /// <summary>The first bytes of a file, length field and padding included: the data starts at a multiple of 64 bytes.</summary>
    /// <returns>Null where the header would be longer than <see cref="MaximumLength"/>.</returns>
    public static byte[]? Format(IReadOnlyList<KeyValuePair<string, string>> metadata, IEnumerable<SafetensorsTensor> tensors)
    {
        if (metadata.Sum(entry => (long)entry.Value.Length) > MaximumLength)
            return null;
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataName);
            foreach ((string key, string value) in metadata)
            {
                json.WritePropertyName(key);
                json.WriteRawValue(JsonText.Quote(value), skipInputValidation: true);
            }
            json.WriteEndObject();
            foreach (SafetensorsTensor tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Type.ToString());
                json.WriteStartArray("shape");
                foreach (long dimension in tensor.Shape)
                    json.WriteNumberValue(dimension);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(tensor.Begin);
                json.WriteNumberValue(tensor.End);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }

        int length = PrefixLength + buffer.WrittenCount;
        length += -length & (Alignment - 1);
        if (length - PrefixLength > MaximumLength)
            return null;
        byte[] bytes = new byte[length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)(length - PrefixLength));
        buffer.WrittenSpan.CopyTo(bytes.AsSpan(PrefixLength));
        bytes.AsSpan(PrefixLength + buffer.WrittenCount).Fill((byte)' ');
        return bytes;
    }
}

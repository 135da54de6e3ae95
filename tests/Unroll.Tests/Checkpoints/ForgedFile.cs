using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Unroll.Tests.Checkpoints;

/// <summary>Takes safetensors files apart and puts them together again, right or wrong.</summary>
internal static class ForgedFile
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A file of any header and any data.</summary>
    public static byte[] Make(ReadOnlySpan<byte> header, ReadOnlySpan<byte> data, ulong? announced = null)
    {
        byte[] bytes = new byte[8 + header.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, announced ?? (ulong)header.Length);
        header.CopyTo(bytes.AsSpan(8));
        data.CopyTo(bytes.AsSpan(8 + header.Length));
        return bytes;
    }

    public static byte[] Make(string header, ReadOnlySpan<byte> data) => Make(Encoding.UTF8.GetBytes(header), data);

    public static byte[] Make(JsonObject header, ReadOnlySpan<byte> data) => Make(header.ToJsonString(Plain), data);

    public static int HeaderLength(byte[] file) => (int)BinaryPrimitives.ReadUInt64LittleEndian(file);

    public static string Header(byte[] file) => Encoding.UTF8.GetString(file, 8, HeaderLength(file));

    public static ReadOnlySpan<byte> Data(byte[] file) => file.AsSpan(8 + HeaderLength(file));

    /// <summary>The file with another header.</summary>
    public static byte[] EditHeader(byte[] file, Action<JsonObject> edit)
    {
        JsonObject header = JsonNode.Parse(Header(file))!.AsObject();
        edit(header);
        return Make(header, Data(file));
    }

    /// <summary>The file with other metadata.</summary>
    public static byte[] EditMetadata(byte[] file, Action<JsonObject> edit) => EditHeader(file, header => edit(header["__metadata__"]!.AsObject()));

    /// <summary>The file with other JSON under one key of its metadata.</summary>
    public static byte[] EditMetadata(byte[] file, string key, Action<JsonNode> edit) => EditMetadata(file, metadata =>
    {
        JsonNode value = JsonNode.Parse(metadata[key]!.GetValue<string>())!;
        edit(value);
        metadata[key] = value.ToJsonString(Plain);
    });

    /// <summary>The file with one number of one tensor changed.</summary>
    public static byte[] EditNumber(byte[] file, string tensor, int index, float value)
    {
        byte[] copy = (byte[])file.Clone();
        long begin = JsonNode.Parse(Header(file))![tensor]!["data_offsets"]![0]!.GetValue<long>();
        BinaryPrimitives.WriteSingleLittleEndian(copy.AsSpan((int)(8 + HeaderLength(file) + begin) + 4 * index), value);
        return copy;
    }
}

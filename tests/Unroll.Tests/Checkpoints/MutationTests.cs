using System.Text.Json.Nodes;
using CsCheck;
using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>Valid files, changed at random by the thousand: either they are read, or one sentence says why not; and
/// never does a small file take much memory.</summary>
[Slow]
public class MutationTests
{
    private static readonly byte[][] Files =
    [
        TestModels.CreateCheckpoint().Bytes(),
        TestModels.CreateCheckpoint(new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 2, EmbeddingSize = 2, TieWeights = true, Biases = Biases.One }).Bytes(),
        TestModels.CreateCheckpoint(new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 2, EmbeddingSize = 2, InputNgrams = 2, OutputNgrams = 3 }).Bytes(),
        new Checkpoint(TestModels.Create(new ModelOptions { Cell = CellKind.Rnn, HiddenSize = 2, Layers = 3 }, ["<unk>", "a", "b"])).Bytes(),
        new Checkpoint(LanguageModel.Average(
            TestModels.Create(new ModelOptions { Cell = CellKind.Rnn, HiddenSize = 2 }), TestModels.Create(new ModelOptions { HiddenSize = 1 }))).Bytes(),
        TestModels.FirstVersion(),
    ];

    private static readonly Gen<byte[]> File = Gen.Int[0, Files.Length - 1].Select(index => Files[index]);

    private static readonly Gen<byte> InterestingByte = Gen.OneOf(Gen.Byte, Gen.OneOf("{}[]\",:\\0123456789.-eEu \t\n/*"u8.ToArray()));

    private static readonly Gen<long> InterestingNumber = Gen.OneOf(
        Gen.Long,
        Gen.Long[-10, 300],
        Gen.Int[0, 63].Select(bits => 1L << bits),
        Gen.Int[0, 63].Select(bits => (1L << bits) - 1));

    private static readonly Gen<JsonNode?> InterestingValue = Gen.OneOf(
        InterestingNumber.Select(number => (JsonNode?)JsonValue.Create(number)),
        Gen.Double.Where(double.IsFinite).Select(number => (JsonNode?)JsonValue.Create(number)),
        Gen.String.Select(text => (JsonNode?)JsonValue.Create(text)),
        Gen.OneOf("F16", "F32", "unroll", "rnn", "gru", "lstm", "relu", "before", "single", "1", "2", "", "{}", "[]", "null", "[\"<unk>\"]").Select(text => (JsonNode?)JsonValue.Create(text)),
        Gen.Bool.Select(value => (JsonNode?)JsonValue.Create(value)),
        InterestingNumber.Array[0, 4].Select(numbers => (JsonNode?)new JsonArray([.. numbers.Select(number => (JsonNode?)JsonValue.Create(number))])),
        Gen.Const(0).Select(_ => (JsonNode?)new JsonObject()),
        Gen.Const((JsonNode?)null));

    [Fact]
    public void BytesChangedDroppedAndAdded()
    {
        Gen<Func<byte[], byte[]>> change = Gen.OneOf(
            Gen.Select(Gen.Double.Unit, Gen.Int[0, 7]).Select((place, bit) => Edit(place, (bytes, at) => bytes[at] ^= (byte)(1 << bit))),
            Gen.Select(Gen.Double.Unit, InterestingByte).Select((place, value) => Edit(place, (bytes, at) => bytes[at] = value)),
            Gen.Select(Gen.Double.Unit, InterestingByte).Select((place, value) => Edit(place, (bytes, at) => bytes.Insert(at, value))),
            Gen.Select(Gen.Double.Unit, Gen.Int[1, 20]).Select((place, count) => Edit(place, (bytes, at) => bytes.RemoveRange(at, Math.Min(count, bytes.Count - at)))),
            Gen.Select(Gen.Double.Unit, Gen.Int[1, 20]).Select((place, count) => Edit(place, (bytes, at) => bytes.InsertRange(at, bytes.Slice(at, Math.Min(count, bytes.Count - at))))),
            Gen.Select(Gen.Int[0, 7], Gen.Byte).Select((at, value) => Edit(0, (bytes, _) => bytes[at] = value)));

        Sample(File.Select(change.Array[1, 4], (file, changes) => changes.Aggregate(file, (bytes, apply) => apply(bytes))), iter: 5_000);

        static Func<byte[], byte[]> Edit(double place, Action<List<byte>, int> edit) => file =>
        {
            // Half of the places in the header, where there is more to break.
            List<byte> bytes = [.. file];
            int end = place < 0.5 ? Math.Min(8 + ForgedFile.HeaderLength(Files[0]), bytes.Count) : bytes.Count;
            int at = (int)(place * 2 % 1 * end);
            if (bytes.Count > 8)
                edit(bytes, at);
            return [.. bytes];
        };
    }

    [Fact]
    public void FieldsOfTheHeaderChanged()
    {
        Gen<byte[]> mutated =
            from file in File
            from places in Gen.Double.Unit.Array[1, 3]
            from values in InterestingValue.Array[3]
            from kinds in Gen.Int[0, 2].Array[3]
            select ForgedFile.EditHeader(file, header =>
            {
                for (int i = 0; i < places.Length; i++)
                    ChangeSomewhere(header, places[i], kinds[i], values[i]);
            });

        Sample(mutated, iter: 5_000);
    }

    [Fact]
    public void FieldsOfTheMetadataChanged()
    {
        Gen<byte[]> mutated =
            from file in File
            from key in Gen.OneOf("options", "text", "vocabulary")
            from place in Gen.Double.Unit
            from value in InterestingValue
            from kind in Gen.Int[0, 2]
            select ForgedFile.EditMetadata(file, key, json => ChangeSomewhere(json, place, kind, value));

        Sample(mutated, iter: 5_000);
    }

    [Fact]
    public void LengthsThatLie()
    {
        Gen<byte[]> mutated =
            from file in File
            from length in Gen.OneOf(InterestingNumber.Select(number => (ulong)number), Gen.Int[0, 2000].Select(number => (ulong)number))
            select ForgedFile.Make(file.AsSpan(8), [], length);

        Sample(mutated, iter: 1_000);
    }

    [Fact]
    public void ManySmallEntriesTakeMemoryInProportion()
    {
        // The worst that a header can ask for byte by byte: entries without content, tokens without length.
        string tensors = "{" + string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"{i}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}")) + "}";
        string metadata = "{\"__metadata__\":{" + string.Join(',', Enumerable.Range(0, 50_000).Select(i => $"\"{i}\":\"\"")) + "}}";
        string tokens = "[" + string.Join(',', Enumerable.Repeat("0", 100_000)) + "]";
        byte[][] files =
        [
            ForgedFile.Make(tensors, []),
            ForgedFile.Make(metadata, []),
            ForgedFile.EditMetadata(Files[0], entries => entries["vocabulary"] = tokens),
            ForgedFile.EditMetadata(Files[0], entries => entries["training"] = $"{{\"a\":{tokens}}}"),
            ForgedFile.EditMetadata(Files[0], entries => entries["options"] = tokens),
        ];
        using var folder = new TemporaryFolder();
        foreach (byte[] file in files)
            ReadOrRefuse(folder.Write("model.safetensors", file), file.Length);
    }

    private static void Sample(Gen<byte[]> mutated, long iter)
    {
        using var folder = new TemporaryFolder();
        string path = folder["model.safetensors"];
        // One file, kept open and overwritten: closing and creating files by the thousand is slow on some disks.
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        int refused = 0;
        mutated.Sample(
            file =>
            {
                stream.SetLength(file.Length);
                RandomAccess.Write(stream.SafeFileHandle, file, 0);
                refused += ReadOrRefuse(path, file.Length) ? 0 : 1;
            },
            iter: iter, threads: 1, print: file => Convert.ToBase64String(file));
        // The mutations are no good where none or all of them break a file.
        Assert.InRange(refused, 1, iter);
    }

    /// <summary>Reads a file, and holds that nothing but one kind of exception comes of it, and no great use of memory.</summary>
    private static bool ReadOrRefuse(string path, int length)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool read = true;
        try
        {
            Checkpoint checkpoint = Checkpoint.Read(path);
            foreach (float value in checkpoint.Model.Parameters.Values)
                Assert.True(float.IsFinite(value));
        }
        catch (UnrollException e)
        {
            read = false;
            Assert.StartsWith($"\"{path}\" ", e.Message);
            Assert.DoesNotContain(e.Message, char.IsControl);
            Assert.True(e.Message.Length < 1000, e.Message);
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 200_000 + 30L * length, $"{allocated} bytes for a file of {length}");
        return read;
    }

    /// <summary>Replaces, removes or duplicates one node of a tree.</summary>
    private static void ChangeSomewhere(JsonNode root, double place, int kind, JsonNode? value)
    {
        var nodes = new List<(JsonNode Parent, string? Name, int Index)>();
        Collect(root);
        if (nodes.Count == 0)
            return;
        (JsonNode parent, string? name, int index) = nodes[(int)(place * nodes.Count)];
        value = value?.DeepClone();
        if (parent is JsonObject fields)
        {
            if (kind == 1)
                fields.Remove(name!);
            else if (kind == 2)
                fields[name + "'"] = fields[name!]?.DeepClone();
            else
                fields[name!] = value;
        }
        else if (parent is JsonArray elements)
        {
            if (kind == 1)
                elements.RemoveAt(index);
            else if (kind == 2)
                elements.Insert(index, elements[index]?.DeepClone());
            else
                elements[index] = value;
        }

        void Collect(JsonNode? node)
        {
            if (node is JsonObject fields)
            {
                foreach ((string key, JsonNode? child) in fields)
                {
                    nodes.Add((fields, key, 0));
                    Collect(child);
                }
            }
            else if (node is JsonArray elements)
            {
                for (int i = 0; i < elements.Count; i++)
                {
                    nodes.Add((elements, null, i));
                    Collect(elements[i]);
                }
            }
        }
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>Every kind of damage, by name: one sentence that names the file and says what is wrong.</summary>
public class DamagedFileTests
{
    private static readonly byte[] Whole = TestModels.CreateCheckpoint().Bytes();

    private static readonly byte[] Tied = TestModels.CreateCheckpoint(new ModelOptions
    {
        Cell = CellKind.Lstm,
        HiddenSize = 2,
        EmbeddingSize = 2,
        TieWeights = true,
        Biases = Biases.One,
    }).Bytes();

    private static readonly Dictionary<string, (Func<byte[]> Forge, string Complaint)> Damages = new()
    {
        // The container.
        ["an empty file"] = (() => [], "it is empty"),
        ["less than a length"] = (() => [1, 2, 3], "it has only 3 bytes"),
        ["a text"] = (() => Encoding.UTF8.GetBytes("The time traveller (for so it will be convenient to speak of him)"), "announce a header of"),
        ["a header of 2^63 bytes"] = (() => ForgedFile.Make([], [], 1UL << 63), "announce a header of 9223372036854775808 bytes, but only 0 bytes follow"),
        ["a header of 2^64 - 1 bytes"] = (() => ForgedFile.Make([], new byte[100], ulong.MaxValue), "announce a header of 18446744073709551615 bytes"),
        ["a header longer than the file by one"] = (() => ForgedFile.Make("{}"u8, [], 3), "announce a header of 3 bytes, but only 2 bytes follow"),
        ["an empty header"] = (() => ForgedFile.Make("", new byte[8]), "its header is not valid JSON"),
        ["a header that is no UTF-8"] = (() => ForgedFile.Make([(byte)'{', 0xff, (byte)'}'], []), "its header is not UTF-8"),
        ["a header that is no JSON"] = (() => ForgedFile.Make("{a}", []), "its header is not valid JSON"),
        ["a header that is an array"] = (() => ForgedFile.Make("[]", []), "its header is not a JSON object"),
        ["text after the header's object"] = (() => ForgedFile.Make(ForgedFile.Header(Whole) + "{}", ForgedFile.Data(Whole)), "its header is not valid JSON"),
        ["a comment in the header"] = (() => ForgedFile.Make("/**/" + ForgedFile.Header(Whole), ForgedFile.Data(Whole)), "its header is not valid JSON"),
        ["half a surrogate pair"] = (() => ForgedFile.Make("""{"__metadata__":{"format":"\ud800"}}""", []), "its header is not valid JSON"),
        ["a header nested too deep"] = (() => ForgedFile.Make(new string('[', 100_000), []), "its header is not a JSON object"),
        ["a tensor nested too deep"] = (() => ForgedFile.Make("{\"a\":" + new string('[', 100_000), []), "the entry of the tensor \"a\" is not a JSON object"),
        ["the same tensor twice"] = (() => Replace("\"decoder.bias\"", "\"decoder.weight\""), "its header has the tensor \"decoder.weight\" twice"),
        ["metadata twice"] = (() => ForgedFile.Make("""{"__metadata__":{},"__metadata__":{}}""", []), "its header has the metadata twice"),
        ["metadata that are no object"] = (() => ForgedFile.EditHeader(Whole, header => header["__metadata__"] = "x"), "its metadata is not a JSON object"),
        ["metadata that are no strings"] = (() => ForgedFile.EditMetadata(Whole, metadata => metadata["version"] = 1), "its metadata \"version\" is not a string"),
        ["a key of the metadata twice"] = (() => ForgedFile.Make("""{"__metadata__":{"a":"","a":""}}""", []), "its metadata has \"a\" twice"),

        // A tensor's entry.
        ["double precision"] = (() => EditTensor(tensor => tensor["dtype"] = "F64"), "the tensor \"decoder.bias\" has the dtype \"F64\", not \"F32\""),
        ["a dtype that the bytes contradict"] = (() => EditTensor(tensor => tensor["dtype"] = "F16"), "has 64 bytes, which its shape [16] contradicts"),
        ["a dtype that is no string"] = (() => EditTensor(tensor => tensor["dtype"] = 32), "the dtype of the tensor \"decoder.bias\" is not a string"),
        ["no dtype"] = (() => EditTensor(tensor => tensor.Remove("dtype")), "needs a dtype, a shape and two data_offsets"),
        ["no shape"] = (() => EditTensor(tensor => tensor.Remove("shape")), "needs a dtype, a shape and two data_offsets"),
        ["no offsets"] = (() => EditTensor(tensor => tensor.Remove("data_offsets")), "needs a dtype, a shape and two data_offsets"),
        ["one offset"] = (() => EditTensor(tensor => tensor["data_offsets"] = new JsonArray(4)), "needs a dtype, a shape and two data_offsets"),
        ["three offsets"] = (() => EditTensor(tensor => tensor["data_offsets"] = new JsonArray(0, 4, 8)), "needs a dtype, a shape and two data_offsets"),
        ["an unknown key"] = (() => EditTensor(tensor => tensor["strides"] = new JsonArray(1)), "has an unknown key \"strides\""),
        ["a key twice"] = (() => ForgedFile.Make("""{"a":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}""", new byte[4]), "has \"dtype\" twice"),
        ["a negative dimension"] = (() => EditTensor(tensor => tensor["shape"] = new JsonArray(-16)), "the shape of the tensor \"decoder.bias\" has an element"),
        ["a broken dimension"] = (() => EditTensor(tensor => tensor["shape"] = new JsonArray(16.5)), "the shape of the tensor \"decoder.bias\" has an element"),
        ["a dimension of 2^63"] = (() => EditTensor(tensor => tensor["shape"] = new JsonArray(1UL << 63)), "the shape of the tensor \"decoder.bias\" has an element"),
        ["a dimension in words"] = (() => EditTensor(tensor => tensor["shape"] = new JsonArray("16")), "the shape of the tensor \"decoder.bias\" has an element"),
        ["a shape that is no array"] = (() => EditTensor(tensor => tensor["shape"] = 16), "the shape of the tensor \"decoder.bias\" is not an array"),
        ["nine dimensions"] = (() => EditTensor(tensor => tensor["shape"] = new JsonArray(16, 1, 1, 1, 1, 1, 1, 1, 1)), "has more than 8 elements"),
        ["a shape that overflows"] = (() => EditTensor(tensor => tensor["shape"] = new JsonArray(1L << 62, 1L << 62, 1L << 62, 1L << 62)), "which its shape"),
        ["a shape that overflows to the right size"] = (() => EditTensor(tensor => tensor["shape"] = new JsonArray((1L << 62) + 16)), "which its shape"),
        ["a shape larger than its bytes"] = (() => EditTensor(tensor => tensor["shape"] = new JsonArray(17)), "has 64 bytes, which its shape [17] contradicts"),
        ["offsets the wrong way round"] = (() => EditTensor(tensor => tensor["data_offsets"] = new JsonArray(8, 4)), "the tensor \"decoder.bias\" ends before it begins"),
        ["a tensor behind the file's end"] = (() => MoveTensor(1_000_000_000_000), "the tensor \"decoder.bias\" ends 10000000"),
        ["overlapping tensors"] = (() => MoveTensor(-4), "the tensors \"decoder.weight\" and \"decoder.bias\" overlap"),
        ["a gap between tensors"] = (() => MoveTensor(8, grow: 8), "8 bytes before the tensor \"decoder.bias\" belong to no tensor"),
        ["bytes after the last tensor"] = (() => [.. Whole, 0], "the last 1 bytes belong to no tensor"),
        ["bytes and no tensor"] = (() => ForgedFile.Make("{}", new byte[4]), "the last 4 bytes belong to no tensor"),

        // Metadata.
        ["no metadata"] = (() => ForgedFile.EditHeader(Whole, header => header.Remove("__metadata__")), "does not say that Unroll made it"),
        ["another program's format"] = (() => EditMetadata("format", "pt"), "it is a safetensors file of the format \"pt\", not \"unroll\""),
        ["no version"] = (() => RemoveMetadata("version"), "its metadata \"version\" is missing"),
        ["a newer version"] = (() => EditMetadata("version", "3"), "it was made by a newer Unroll (version 3 of the format; this one reads up to version 2)"),
        ["a version that does not exist"] = (() => EditMetadata("version", "one"), "its version is \"one\", which does not exist"),
        ["version 0"] = (() => EditMetadata("version", "0"), "its version is \"0\", which does not exist"),
        ["no options"] = (() => RemoveMetadata("options"), "its metadata \"options\" is missing"),
        ["no vocabulary"] = (() => RemoveMetadata("vocabulary"), "its metadata \"vocabulary\" is missing"),
        ["no text options"] = (() => RemoveMetadata("text"), "its metadata \"text\" is missing"),
        ["options that are no JSON"] = (() => EditMetadata("options", "{"), "its metadata \"options\" is wrong: it is not valid JSON"),
        ["options that are no object"] = (() => EditMetadata("options", "[1]"), "its metadata \"options\" is wrong: it is not a JSON object"),
        ["options that are null"] = (() => EditMetadata("options", "null"), "its metadata \"options\" is wrong: it is not a JSON object"),
        ["an option from the future"] = (() => EditOption("options", "peephole", true), "it names \"peephole\", which this version of Unroll does not know"),
        ["an option that is none"] = (() => EditOption("options", "gates", 3), "it names \"gates\", which this version of Unroll does not know"),
        ["an option twice"] = (() => EditMetadata("options", """{"hidden":3,"hidden":3}"""), "its metadata \"options\" is wrong: it is not valid JSON"),
        ["an option of half a surrogate pair"] = (() => EditMetadata("options", """{"\ud800":3}"""), "its metadata \"options\" is wrong: it is not valid JSON"),
        ["options nested too deep"] = (() => EditMetadata("options", new string('[', 10_000)), "its metadata \"options\" is wrong: it is not valid JSON"),
        ["an unknown cell"] = (() => EditOption("options", "cell", "transformer"), "it has no usable value for \"cell\""),
        ["a cell in capitals"] = (() => EditOption("options", "cell", "GRU"), "it has no usable value for \"cell\""),
        ["two cells"] = (() => EditOption("options", "cell", "rnn,gru"), "it has no usable value for \"cell\""),
        ["a cell's number"] = (() => EditOption("options", "cell", 1), "it has no usable value for \"cell\""),
        ["no cell at all"] = (() => EditOption("options", "cell", null), "it has no usable value for \"cell\""),
        ["a hidden size in words"] = (() => EditOption("options", "hidden", "3"), "it has no usable value for \"hidden\""),
        ["a broken hidden size"] = (() => EditOption("options", "hidden", 3.5), "it has no usable value for \"hidden\""),
        ["a hidden size of 2^40"] = (() => EditOption("options", "hidden", 1L << 40), "it has no usable value for \"hidden\""),
        ["a hidden size of 0"] = (() => EditOption("options", "hidden", 0), "its options make no sense (HiddenSize must be"),
        ["a softmax whose head is more than the vocabulary"] = (() => EditOption("options", "adaptiveSoftmax", 16_384), "its options make no sense (AdaptiveSoftmax must be smaller than the vocabulary"),
        ["a hidden size of a million"] = (() => EditOption("options", "hidden", 1_000_000), "its options make no sense (HiddenSize must be"),
        ["options for a larger model"] = (() => EditOption("options", "hidden", 65536), "the tensor \"rnn.weight_ih_l0\" has the shape [9, 2], but its options and vocabulary want [196608, 2]"),
        ["options for a deeper model"] = (() => EditOption("options", "layers", 64), "the tensor \"rnn.weight_ih_l1\" is missing"),
        ["options for another cell"] = (() => EditOption("options", "cell", "lstm"), "the tensor \"rnn.weight_ih_l0\" has the shape [9, 2]"),
        ["a negative count of tokens"] = (() => EditPart("maxTokens", -1), "its options make no sense (MaxTokens must be"),
        ["a negative least count"] = (() => EditPart("minCount", -1), "its options make no sense (MinCount must be"),
        ["a vocabulary of less than all bytes"] = (() => EditPart("vocabulary", 3), "its options make no sense (VocabularySize must be"),
        ["a broken size of the vocabulary"] = (() => EditPart("vocabulary", 300.5), "it has no usable value for \"vocabulary\""),
        ["tokens that are no byte pairs"] = (() => EditOption("text", "tokens", "bpe"), "The vocabulary is damaged: byte-pair encoding begins with"),
        ["all of the text for validation"] = (() => EditPart("validation", 1), "its options make no sense (Validation must be"),
        ["a number too large for a double"] = (() => ForgedFile.EditMetadata(Whole, metadata => metadata["summary"] = """{"corpus":{"validation":1e999}}"""), "its options make no sense (Validation must be"),
        ["a minibatch of no rows"] = (() => ForgedFile.EditMetadata(Whole, metadata => metadata["summary"] = """{"training":{"batch":0}}"""), "its options make no sense (Batch must be"),
        ["a budget in words"] = (() => ForgedFile.EditMetadata(Whole, metadata => metadata["summary"] = """{"training":{"budget":"long"}}"""), "it has no usable value for \"budget\""),
        ["a part that is no object"] = (() => ForgedFile.EditMetadata(Whole, metadata => metadata["summary"] = """{"corpus":7}"""), "its metadata \"summary\" is wrong: it is not a JSON object"),
        ["a limit where version 1 had it"] = (() => EditOption("text", "maxTokens", 7), "it names \"maxTokens\", which this version of Unroll does not know"),
        ["a negative count in the summary"] = (() => EditOption("summary", "updates", -1), "its summary has a count below 0"),
        ["an infinite loss"] = (() => ForgedFile.EditMetadata(Whole, metadata => metadata["summary"] = """{"trainingLoss":1e999}"""), "its summary has a loss that is not a number"),
        ["a loss in words"] = (() => EditOption("summary", "validationLoss", "NaN"), "it has no usable value for \"validationLoss\""),
        ["a starting model that no fingerprint names"] = (() => EditOption("summary", "from", "\u001b[31m"), "its summary names the model it went on from by something that is no fingerprint"),
        ["a negative seed"] = (() => EditOption("summary", "seed", -1), "it has no usable value for \"seed\""),
        ["training that is no JSON"] = (() => EditMetadata("training", "running"), "its metadata \"training\" is wrong: it is not valid JSON"),
        ["training that is no object"] = (() => EditMetadata("training", "3"), "its metadata \"training\" is wrong: it is not a JSON object"),
        ["training tensors without training"] = (() => RemoveMetadata("training"), "the tensor \"training.empty\" does not belong to such a model"),

        // The vocabulary.
        ["a vocabulary that is no array"] = (() => EditMetadata("vocabulary", "{}"), "its metadata \"vocabulary\" is wrong: it is not an array of strings"),
        ["a vocabulary that is null"] = (() => EditMetadata("vocabulary", "null"), "its metadata \"vocabulary\" is wrong: it is not an array of strings"),
        ["a vocabulary of numbers"] = (() => EditMetadata("vocabulary", "[1,2]"), "its metadata \"vocabulary\" is wrong: it is not an array of strings"),
        ["an empty vocabulary"] = (() => EditMetadata("vocabulary", "[]"), "its vocabulary is empty"),
        ["null in the vocabulary"] = (() => EditTokens(tokens => tokens[3] = null), "its vocabulary has null in place of token 3"),
        ["a token twice"] = (() => EditTokens(tokens => tokens[3] = "e"), "its vocabulary has the token \"e\" twice"),
        ["no unknown token"] = (() => EditTokens(tokens => tokens[0] = "a"), "<unk>"),
        ["a token of half a surrogate pair"] = (() => EditMetadata("vocabulary", """["<unk>","\ud800"]"""), "its metadata \"vocabulary\" is wrong: it is not an array of strings"),
        ["a token too many"] = (() => EditTokens(tokens => tokens.Add("new")), "its vocabulary has 17 tokens, but its decoder was made for 16"),
        ["a token too few"] = (() => EditTokens(tokens => tokens.RemoveAt(15)), "its vocabulary has 15 tokens, but its decoder was made for 16"),

        // The tensors and the model.
        ["no tensors"] = (() => ForgedFile.Make(new JsonObject { ["__metadata__"] = JsonNode.Parse(ForgedFile.Header(Whole))!["__metadata__"]!.DeepClone() }, []), "the tensor \"embedding.weight\" is missing"),
        ["a tensor of another name"] = (() => Replace("rnn.weight_hh_l0", "rnn.weight_hh_lO"), "the tensor \"rnn.weight_hh_l0\" is missing"),
        ["a tensor too many"] = (() => ForgedFile.EditHeader(Whole, header => header["rnn.weight_ih_l1"] = JsonNode.Parse("""{"dtype":"F32","shape":[0],"data_offsets":[0,0]}""")), "the tensor \"rnn.weight_ih_l1\" does not belong to such a model"),
        ["a tensor named against the terminal"] = (() => ForgedFile.EditHeader(Whole, header => header["\u001b[31m" + new string('x', 1000)] = JsonNode.Parse("""{"dtype":"F32","shape":[0],"data_offsets":[0,0]}""")), "the tensor \"\ufffd[31mxxxxx"),
        ["a matrix that lies on its side"] = (() => ForgedFile.EditHeader(Whole, header => header["rnn.weight_ih_l0"]!["shape"] = new JsonArray(2, 9)), "has the shape [2, 9], but its options and vocabulary want [9, 2]"),
        ["a matrix rolled out"] = (() => ForgedFile.EditHeader(Whole, header => header["rnn.weight_ih_l0"]!["shape"] = new JsonArray(18)), "has the shape [18], but its options and vocabulary want [9, 2]"),
        ["a bias of one column"] = (() => EditTensor(tensor => tensor["shape"] = new JsonArray(16, 1)), "has the shape [16, 1], but its options and vocabulary want [16]"),
        ["a training tensor that is a matrix"] = (() => ForgedFile.EditHeader(Whole, header => header["training.moment2"]!["shape"] = new JsonArray(2, 1)), "the tensor \"training.moment2\" is not a vector"),
        ["NaN in a matrix"] = (() => ForgedFile.EditNumber(Whole, "rnn.weight_hh_l0", 26, float.NaN), "the tensor \"rnn.weight_hh_l0\" holds NaN or infinity"),
        ["infinity in a bias"] = (() => ForgedFile.EditNumber(Whole, "decoder.bias", 0, float.NegativeInfinity), "the tensor \"decoder.bias\" holds NaN or infinity"),
        ["NaN in the state of a run"] = (() => ForgedFile.EditNumber(Whole, "training.moment1", 2, float.NaN), "the tensor \"training.moment1\" holds NaN or infinity"),
        ["a second bias that is not zero"] = (() => ForgedFile.EditNumber(Tied, "rnn.bias_hh_l0", 7, 0.5f), "the tensor \"rnn.bias_hh_l0\" must be zero in a model with one bias vector per layer"),
        ["a second bias of NaN"] = (() => ForgedFile.EditNumber(Tied, "rnn.bias_hh_l0", 0, float.NaN), "the tensor \"rnn.bias_hh_l0\" must be zero"),
        ["tied weights that differ"] = (() => ForgedFile.EditNumber(Tied, "decoder.weight", 31, 0.5f), "the tensor \"decoder.weight\" must equal \"embedding.weight\" in a model with tied weights"),
    };

    public static TheoryData<string> DamageNames => [.. Damages.Keys];

    [Theory]
    [MemberData(nameof(DamageNames))]
    public void IsToldInOneSentence(string damage)
    {
        (Func<byte[]> forge, string complaint) = Damages[damage];
        using var folder = new TemporaryFolder();
        string path = folder.Write("model.safetensors", forge());

        string message = Assert.Throws<ModelFileException>(() => Checkpoint.Read(path)).Message;

        Assert.StartsWith($"\"{path}\" is not a usable model file: ", message);
        Assert.Contains(complaint, message);
        AssertIsOneSentence(message);
    }

    [Fact]
    public void TheFilesBeforeTheDamageAreWhole()
    {
        Assert.NotNull(TestModels.Read(Whole).Training);
        Assert.True(TestModels.Read(Tied).Model.Options.TieWeights);
        // Forging by itself breaks nothing.
        Assert.NotNull(TestModels.Read(ForgedFile.EditMetadata(ForgedFile.EditHeader(Whole, _ => { }), "options", _ => { })));
    }

    [Fact]
    public void TruncatedAnywhere()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("model.safetensors", Whole);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        for (int length = Whole.Length - 1; length >= 0; length--)
        {
            stream.SetLength(length);
            string message = Assert.Throws<ModelFileException>(() => Checkpoint.Read(path)).Message;
            AssertIsOneSentence(message);
        }
    }

    [Fact]
    public void AFileWithAHoleOfManyGigabytesTakesNoMemory()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("model.safetensors", Whole);
        // Sparse: the file system says a terabyte, and holds a few kilobytes.
        try
        {
            using FileStream stream = File.OpenWrite(path);
            stream.SetLength(1L << 40);
            stream.Write(BitConverter.GetBytes(1L << 39));
        }
        catch (IOException)
        {
            Assert.Skip("The file system of the temporary folder cannot hold a sparse file of a terabyte.");
        }
        long before = GC.GetAllocatedBytesForCurrentThread();

        string message = Assert.Throws<ModelFileException>(() => Checkpoint.Read(path)).Message;

        Assert.Contains("its header of 549755813888 bytes is longer than the 100000000 that are allowed", message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    private static void AssertIsOneSentence(string message)
    {
        Assert.EndsWith(".", message);
        Assert.DoesNotContain("..", message);
        Assert.DoesNotContain(message, char.IsControl);
        Assert.True(message.Length < 500, message);
    }

    private static byte[] Replace(string old, string replacement) => ForgedFile.Make(ForgedFile.Header(Whole).Replace(old, replacement), ForgedFile.Data(Whole));

    private static byte[] EditTensor(Action<JsonObject> edit) => ForgedFile.EditHeader(Whole, header => edit(header["decoder.bias"]!.AsObject()));

    private static byte[] EditMetadata(string key, string value) => ForgedFile.EditMetadata(Whole, metadata => metadata[key] = value);

    private static byte[] RemoveMetadata(string key) => ForgedFile.EditMetadata(Whole, metadata => metadata.Remove(key));

    private static byte[] EditOption(string record, string name, JsonNode? value) => ForgedFile.EditMetadata(Whole, record, options => options[name] = value);

    private static byte[] EditPart(string name, JsonNode value) =>
        ForgedFile.EditMetadata(Whole, "summary", summary => summary["corpus"] = new JsonObject { [name] = value });

    private static byte[] EditTokens(Action<JsonArray> edit) => ForgedFile.EditMetadata(Whole, "vocabulary", tokens => edit(tokens.AsArray()));

    /// <summary>Moves the last tensor of the model by so many bytes, and with it what follows and the file's end.</summary>
    private static byte[] MoveTensor(long distance, int grow = 0)
    {
        byte[] moved = ForgedFile.EditHeader(Whole, header =>
        {
            foreach (string name in new[] { "decoder.bias", "training.empty", "training.moment1", "training.moment2" })
            {
                JsonArray offsets = header[name]!["data_offsets"]!.AsArray();
                (offsets[0], offsets[1]) = (offsets[0]!.GetValue<long>() + distance, offsets[1]!.GetValue<long>() + distance);
            }
        });
        return [.. moved, .. new byte[grow]];
    }
}

// A model in the words of the page's own script (Page/network.js): JSON that says what there is and where its numbers stand.
using System.Text.Json;
using Unroll.Data.Tokens;
using Unroll.Kernels;
using Unroll.Model;

namespace Unroll.Export;

/// <summary>Describes a model to a page, and packs its numbers.</summary>
internal static class PageModel
{
    /// <summary>The description, as UTF-8.</summary>
    /// <param name="model">The model, whose weights become those that the page has.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="bits">Bits of a weight.</param>
    /// <param name="leftOut">What is left out.</param>
    /// <param name="numbers">Where its numbers go.</param>
    public static byte[] Describe(LanguageModel model, string name, int bits, LeftOut leftOut, PackedNumbers numbers)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            Vocabulary vocabulary = model.Vocabulary;
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("bits", bits);
            json.WriteStartArray("tokens");
            foreach (string token in vocabulary.Tokens)
                json.WriteStringValue(token);
            json.WriteEndArray();
            WriteText(json, vocabulary);
            json.WriteNumber("start", Prediction.LineStart.Of(vocabulary));
            if (vocabulary.EndId is { } end)
                json.WriteNumber("end", end);
            else
                json.WriteNull("end");
            json.WriteStartObject("leftOut");
            json.WriteNumber("memoryTokens", leftOut.MemoryTokens);
            json.WriteNumber("networks", leftOut.Networks);
            json.WriteNumber("ngrams", leftOut.Ngrams);
            json.WriteEndObject();
            json.WriteStartArray("networks");
            foreach (LanguageModel network in model.Members)
                WriteNetwork(json, network, numbers);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return text.ToArray();
    }

    private static void WriteText(Utf8JsonWriter json, Vocabulary vocabulary)
    {
        json.WriteStartObject("text");
        json.WriteString("tokens", Small(vocabulary.Text.Tokens));
        json.WriteString("clean", Small(vocabulary.Text.Clean));
        json.WriteString("documents", Small(vocabulary.Text.Documents));
        json.WriteEndObject();
        Tokenization kind = vocabulary.Tokenization is DocumentTokenization documents ? documents.Inner : vocabulary.Tokenization;
        if (kind is not BytePairTokenization { Table: { } table })
            return;
        json.WriteStartArray("merges");
        for (int id = BytePairTable.FirstMerge; id < table.Count; id++)
        {
            json.WriteNumberValue(table.Pair(id).Left);
            json.WriteNumberValue(table.Pair(id).Right);
        }
        json.WriteEndArray();
    }

    private static void WriteNetwork(Utf8JsonWriter json, LanguageModel network, PackedNumbers numbers)
    {
        ModelOptions options = network.Options;
        json.WriteStartObject();
        json.WriteString("cell", options is { Cell: CellKind.Gru, ResetGate: ResetGate.Before } ? "gruBefore" : Small(options.Cell));
        json.WriteString("activation", Small(options.Activation));
        json.WriteNumber("hidden", options.HiddenSize);
        json.WriteNumber("layers", options.Layers);
        json.WriteNumber("embedding", options.EmbeddingSize);
        json.WriteNumber("inputNgrams", options.InputNgrams);
        json.WriteNumber("outputNgrams", options.OutputNgrams);
        json.WriteStartArray("borders");
        if (options.AdaptiveSoftmax > 0)
            foreach (int border in new SoftmaxClusters(options, network.Vocabulary.Count).Borders)
                json.WriteNumberValue(border);
        json.WriteEndArray();
        json.WriteStartObject("tensors");
        foreach ((string name, string tensor) in Names(network))
            WriteTensor(json, name, numbers.Add(network.Parameters[tensor], Columns(network, tensor)));
        if (options.EmbeddingSize == 0)
            WriteTensor(json, "input0", Transposed(network, numbers));
        for (int layer = 0; layer < options.Layers; layer++)
            WriteNumbers<float>(json, $"bias{layer}", "floats", BiasOf(network, layer), numbers);
        WriteNumbers<float>(json, "decoderBias", "floats", network.Parameters[options.AdaptiveSoftmax > 0 ? "decoder.head.bias" : "decoder.bias"], numbers);
        if (network.Ngrams is { } ngrams)
            WriteNumbers<int>(json, "ngrams", "integers", ngrams.Entries, numbers);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // The page's names of tensors, and the parameters'.
    private static IEnumerable<(string Name, string Tensor)> Names(LanguageModel network)
    {
        foreach (ParameterTensor tensor in network.Parameters.Tensors.Where(tensor => !tensor.IsVector))
        {
            string[] parts = tensor.Name.Split('.');
            string? name = (tensor.Name, parts) switch
            {
                ("embedding.weight", _) => "embedding",
                ("decoder.weight" or "decoder.head.weight", _) => "decoder",
                (NgramTable.InputName, _) => "inputNgrams",
                (NgramTable.OutputName, _) => "outputNgrams",
                (_, ["decoder", "tail", string cluster, "0", _]) => $"down{cluster}",
                (_, ["decoder", "tail", string cluster, _, _]) => $"up{cluster}",
                ("rnn.weight_ih_l0", _) when network.Options.EmbeddingSize == 0 => null,
                _ when parts[1].StartsWith("weight_ih_l", StringComparison.Ordinal) => $"input{parts[1]["weight_ih_l".Length..]}",
                _ => $"recurrent{parts[1]["weight_hh_l".Length..]}",
            };
            if (name is not null)
                yield return (name, tensor.Name);
        }
    }

    private static int Columns(LanguageModel network, string tensor) => network.Parameters.Find(tensor)!.Columns;

    // One-hot input reads a column for a token: it stands as a row.
    private static PackedTensor Transposed(LanguageModel network, PackedNumbers numbers)
    {
        Span<float> weights = network.Parameters["rnn.weight_ih_l0"]; // [G·H, V]
        int tokens = network.Vocabulary.Count, gates = weights.Length / tokens;
        float[] rows = new float[weights.Length];
        for (int gate = 0; gate < gates; gate++)
            for (int token = 0; token < tokens; token++)
                rows[token * gates + gate] = weights[gate * tokens + token];
        PackedTensor packed = numbers.Add(rows, gates);
        for (int gate = 0; gate < gates; gate++)
            for (int token = 0; token < tokens; token++)
                weights[gate * tokens + token] = rows[token * gates + gate];
        return packed;
    }

    // [P·H]: what each plane begins with, as in RecurrentLayer: a gate's bias of the input, and the recurrent product's where that goes.
    private static float[] BiasOf(LanguageModel network, int layer)
    {
        CellShape shape = Cells.ShapeOf(network.Options);
        int units = network.Options.HiddenSize;
        float[] bias = new float[shape.Planes * units];
        network.Parameters[$"rnn.bias_ih_l{layer}"].CopyTo(bias);
        if (network.Parameters.Find($"rnn.bias_hh_l{layer}") is { } second)
            foreach (RecurrentProduct product in shape.Products)
                RowOperations.Add(network.Parameters.Slice(second).Slice(product.Gate * units, units), bias.AsSpan(product.Plane * units, units));
        return bias;
    }

    private static void WriteTensor(Utf8JsonWriter json, string name, PackedTensor tensor)
    {
        json.WriteStartObject(name);
        json.WriteNumber("at", tensor.At);
        json.WriteNumber("rows", tensor.Rows);
        json.WriteNumber("columns", tensor.Columns);
        json.WriteNumber("group", tensor.Group);
        json.WriteEndObject();
    }

    private static void WriteNumbers<T>(Utf8JsonWriter json, string name, string kind, ReadOnlySpan<T> values, PackedNumbers numbers) where T : unmanaged
    {
        json.WriteStartObject(name);
        json.WriteString("kind", kind);
        json.WriteNumber("at", numbers.Add(values));
        json.WriteNumber("count", values.Length);
        json.WriteEndObject();
    }

    private static string Small<T>(T choice) where T : struct, Enum => choice.ToString().ToLowerInvariant();
}

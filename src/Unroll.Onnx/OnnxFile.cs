// A model for other runtimes: the networks with their tables and output layers, and the mean of their probabilities. What it remembers
// of its text by counting (CountMemory) is no graph of operators, and stays behind.
using Google.Protobuf;
using Unroll.Checkpoints;
using Unroll.Files;
using Unroll.Model;
using Unroll.Onnx.Format;

namespace Unroll.Onnx;

/// <summary>Writes models as ONNX (opset 17), with their states as inputs and outputs.
/// <para>Inputs: <c>ids</c> [batch, steps], whole numbers of 64 bits; <c>hidden</c>, and for an LSTM or CIFG <c>cell</c>, [layers, batch, H],
/// which begin as zeros; <c>recent</c> [batch, K] where a network looks back on tokens: those before <c>ids</c>, the latest last, −1 where
/// there is none. Outputs: <c>log_probabilities</c> [batch, steps, V] in nats of what follows each token; <c>next_hidden</c>,
/// <c>next_cell</c> and <c>next_recent</c>, which are the next call's inputs. A second network's states are <c>hidden.1</c> and so on. Where
/// a text is made of documents, each begins with zeros, and with the token that ends one as its first.</para>
/// <para>The metadata has what a model file has of <c>options</c>, <c>text</c> and <c>vocabulary</c> (a JSON array, in the order of ids).</para></summary>
public static class OnnxFile
{
    private const int Opset = 17, IrVersion = 8;

    // A message of Protocol Buffers is below 2 GiB; the rest of it is names and numbers.
    private const long MostBytes = int.MaxValue - (64 << 20);

    /// <summary>Writes a model's networks; its count memory, if it has one, is left out.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">Where to, as a whole or not at all; a file that is there is replaced.</param>
    /// <exception cref="UnrollException">The file cannot be written, or would be larger than the format allows.</exception>
    public static void Write(LanguageModel model, string path)
    {
        ModelProto proto = Of(model);
        AtomicFile.Write(path, proto.WriteTo);
    }

    /// <summary>Writes the same bytes into a stream.</summary>
    /// <exception cref="UnrollException">They would be more than the format allows.</exception>
    public static void Write(LanguageModel model, Stream stream) => Of(model).WriteTo(stream);

    private static ModelProto Of(LanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        long bytes = model.Members.Sum(member => (long)member.Parameters.Count * sizeof(float) + (member.Ngrams?.Rows ?? 0) * 32L);
        if (bytes > MostBytes)
            throw new UnrollException($"The model takes {bytes / 1e9:0.0} GB, and an ONNX file that is one piece takes at most 2: choose a smaller model.");
        var graph = new Graph();
        int lookBack = model.Members.Max(member => member.Options.NgramOrder) - 1;
        string ids = graph.Input("ids", true, "batch", "steps");
        string? recent = lookBack > 0 ? graph.Input("recent", true, "batch", lookBack) : null;
        string[] all = [.. model.Members.Select((network, member) => new NetworkGraph(graph, network, member).Add(ids, recent, lookBack))];
        graph.Output("log_probabilities", graph.Of("Transpose", [("perm", (long[])[1, 0, 2])], Mean(graph, all)), false, "batch", "steps", model.Vocabulary.Count);
        if (recent is not null)
            graph.Output("next_recent", graph.Of("Slice", graph.Of("Concat", [("axis", 1)], recent, ids), graph.List(-lookBack), graph.List(int.MaxValue), graph.List(1)), true, "batch", lookBack);

        var proto = new ModelProto { IrVersion = IrVersion, ProducerName = "Unroll", ProducerVersion = $"{typeof(OnnxFile).Assembly.GetName().Version}", Graph = graph.Proto };
        proto.OpsetImport.Add(new OperatorSetIdProto { Version = Opset });
        var metadata = new ModelMetadata([.. model.Members.Select(member => member.Options)], model.Vocabulary.Tokens, model.Vocabulary.Text, null, null);
        foreach ((string key, string value) in metadata.ToEntries())
            proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return proto;
    }

    // The logarithm of the mean of the networks' probabilities.
    private static string Mean(Graph graph, string[] all)
    {
        if (all.Length == 1)
            return all[0];
        string stacked = graph.Of("Concat", [("axis", 0)], [.. all.Select(one => graph.Of("Unsqueeze", one, graph.List(0)))]);
        string sum = graph.Of("ReduceLogSumExp", [("axes", (long[])[0]), ("keepdims", 0)], stacked);
        return graph.Of("Sub", sum, graph.Weights("log_networks", [MathF.Log(all.Length)]));
    }
}

// One network as ONNX's operators. Its RNN, GRU and LSTM have torch.nn's formulas; the gates lie in another order. A CIFG is an LSTM
// whose input gate has the forget gate's weights with the other sign: σ(−z) = 1 − σ(z).
using Unroll.Model;

namespace Unroll.Onnx;

/// <summary>Adds a network to a graph.</summary>
internal sealed class NetworkGraph
{
    private readonly Graph graph;
    private readonly LanguageModel network;
    private readonly ModelOptions options;
    private readonly string prefix, suffix;
    private readonly int vocabularySize;

    /// <param name="graph">The graph.</param>
    /// <param name="network">A network.</param>
    /// <param name="member">Its number.</param>
    public NetworkGraph(Graph graph, LanguageModel network, int member)
    {
        (this.graph, this.network, options, vocabularySize) = (graph, network, network.Options, network.Vocabulary.Count);
        (prefix, suffix) = member == 0 ? ("", "") : ($"member.{member}.", $".{member}");
    }

    /// <summary>Adds it, with its states as inputs and outputs.</summary>
    /// <param name="ids">[B, T] tokens.</param>
    /// <param name="recent">[B, K] the tokens before them, the latest last, −1 for none; K at least what its n-grams look back on. Null where no network looks back.</param>
    /// <param name="lookBack">K.</param>
    /// <returns>[T, B, V] log-probabilities of what follows each token.</returns>
    public string Add(string ids, string? recent, int lookBack)
    {
        string[] rows = options.NgramOrder == 0 ? [] : FindNgrams(ids, recent!, lookBack);
        string values = Inputs(graph.Of("Transpose", [("perm", (long[])[1, 0])], ids), rows);
        bool hasCell = options.Cell is CellKind.Lstm or CellKind.Cifg;
        string hidden = State("hidden"), cell = hasCell ? State("cell") : "";
        var hiddenAfter = new List<string>();
        var cellAfter = new List<string>();
        for (int layer = 0; layer < options.Layers; layer++)
        {
            string before = graph.Of("Gather", hidden, graph.List(layer)), cellBefore = hasCell ? graph.Of("Gather", cell, graph.List(layer)) : "";
            string[] results = Layer(layer, values, before, cellBefore);
            values = graph.Of("Squeeze", results[0], graph.List(1));
            hiddenAfter.Add(results[1]);
            if (hasCell)
                cellAfter.Add(results[2]);
        }
        Next("hidden", hiddenAfter);
        if (hasCell)
            Next("cell", cellAfter);
        return options.AdaptiveSoftmax > 0 ? Clusters(values) : graph.Of("LogSoftmax", [("axis", -1)], Logits(values, rows));

        string State(string name) => graph.Input(name + suffix, false, options.Layers, "batch", options.HiddenSize);

        void Next(string name, List<string> layers) =>
            graph.Output($"next_{name}{suffix}", graph.Of("Concat", [("axis", 0)], [.. layers]), false, options.Layers, "batch", options.HiddenSize);
    }

    // [T, B, E or V]: what the first layer reads.
    private string Inputs(string ids, string[] rows)
    {
        if (options.EmbeddingSize == 0)
            return graph.Of("OneHot", [("axis", -1)], ids, graph.Number(vocabularySize), graph.Weights(prefix + "one_hot", [0, 1], 2));
        string values = graph.Of("Gather", Matrix("embedding.weight"), ids);
        return WithNgrams(values, NgramTable.InputName, options.InputNgrams, options.EmbeddingSize, rows);
    }

    private string[] Layer(int layer, string input, string hidden, string cell)
    {
        int size = options.HiddenSize;
        // ONNX's order of the gates, by ours; negative: with the other sign.
        int[] gates = options.Cell switch
        {
            CellKind.Rnn => [0],
            CellKind.Gru => [1, 0, 2],
            CellKind.Lstm => [0, 3, 1, 2],
            _ => [~0, 2, 0, 1],
        };
        Span<float> inputWeights = network.Parameters[$"rnn.weight_ih_l{layer}"], hiddenWeights = network.Parameters[$"rnn.weight_hh_l{layer}"];
        int inputs = inputWeights.Length / (Cells.ShapeOf(options).Gates * size);
        float[] biases = new float[2 * gates.Length * size];
        Ordered(network.Parameters[$"rnn.bias_ih_l{layer}"], gates, size).CopyTo(biases.AsSpan());
        if (options.Biases == Biases.Two)
            Ordered(network.Parameters[$"rnn.bias_hh_l{layer}"], gates, size).CopyTo(biases.AsSpan(gates.Length * size));
        string weights = graph.Weights($"{prefix}W.{layer}", Ordered(inputWeights, gates, size * inputs), 1, gates.Length * size, inputs);
        string recurrent = graph.Weights($"{prefix}R.{layer}", Ordered(hiddenWeights, gates, size * size), 1, gates.Length * size, size);
        string bias = graph.Weights($"{prefix}B.{layer}", biases, 1, biases.Length);
        return options.Cell switch
        {
            CellKind.Rnn => graph.Node("RNN", 2, [("hidden_size", size), ("activations", (string[])[options.Activation == Activation.Relu ? "Relu" : "Tanh"])], input, weights, recurrent, bias, "", hidden),
            CellKind.Gru => graph.Node("GRU", 2, [("hidden_size", size), ("linear_before_reset", options.ResetGate == ResetGate.After ? 1 : 0)], input, weights, recurrent, bias, "", hidden),
            _ => graph.Node("LSTM", 3, [("hidden_size", size)], input, weights, recurrent, bias, "", hidden, cell),
        };
    }

    private static float[] Ordered(ReadOnlySpan<float> values, int[] gates, int length)
    {
        float[] ordered = new float[gates.Length * length];
        for (int gate = 0; gate < gates.Length; gate++)
        {
            int source = gates[gate] < 0 ? ~gates[gate] : gates[gate];
            Span<float> mine = ordered.AsSpan(gate * length, length);
            values.Slice(source * length, length).CopyTo(mine);
            if (gates[gate] < 0)
                foreach (ref float value in mine)
                    value = -value;
        }
        return ordered;
    }

    private string Logits(string values, string[] rows)
    {
        string decoder = options.TieWeights ? prefix + "embedding.weight" : Matrix("decoder.weight");
        string logits = graph.Of("Add", Product(values, decoder), Vector("decoder.bias"));
        return WithNgrams(logits, NgramTable.OutputName, options.OutputNgrams, vocabularySize, rows);
    }

    // log p = that of the head, or of the cluster in the head and of the token in its cluster.
    private string Clusters(string values)
    {
        var clusters = new SoftmaxClusters(options, vocabularySize);
        string head = graph.Of("LogSoftmax", [("axis", -1)], graph.Of("Add", Product(values, Matrix("decoder.head.weight")), Vector("decoder.head.bias")));
        var parts = new List<string> { Columns(0, clusters.Head) };
        for (int cluster = 0; cluster < clusters.Count; cluster++)
        {
            string shorter = Product(values, Matrix($"decoder.tail.{cluster}.0.weight"));
            string within = graph.Of("LogSoftmax", [("axis", -1)], Product(shorter, Matrix($"decoder.tail.{cluster}.1.weight")));
            parts.Add(graph.Of("Add", within, Columns(clusters.Head + cluster, clusters.Head + cluster + 1)));
        }
        return graph.Of("Concat", [("axis", -1)], [.. parts]);

        string Columns(long start, long end) => graph.Of("Slice", head, graph.List(start), graph.List(end), graph.List(2));
    }

    // The rows of the n-grams that end at each position, by order, as [T, B]; the first row behind the last stands for none.
    private string[] FindNgrams(string ids, string recent, int lookBack)
    {
        NgramIndex index = network.Ngrams!;
        NgramLookup lookup = NgramLookup.Of(index, vocabularySize);
        string[] tables = lookup.AddTables(graph, prefix);
        string all = graph.Of("Concat", [("axis", 1)], recent, ids);
        string[] rows = new string[options.NgramOrder - 1];
        string node = ids, newer = ids;
        for (int back = 1; back < options.NgramOrder; back++)
        {
            string older = graph.Of("Slice", all, graph.List(lookBack - back), graph.List(-back), graph.List(1));
            string exists = graph.Of("And", IsToken(node), IsToken(older));
            // No n-gram reaches back beyond a document's beginning.
            if (network.Vocabulary.EndId is { } end)
                exists = graph.Of("And", exists, graph.Of("Not", graph.Of("Equal", newer, graph.Number(end))));
            string key = graph.Of("Where", exists, graph.Of("Add", graph.Of("Mul", node, graph.Number(vocabularySize)), older), graph.Number(-1));
            string row = NgramLookup.Find(graph, tables, (lookup.Keys.Length, lookup.Displacements.Length), key, index.Rows);
            rows[back - 1] = graph.Of("Transpose", [("perm", (long[])[1, 0])], row);
            string isKnown = graph.Of("Less", row, graph.Number(index.Rows));
            node = graph.Of("Where", isKnown, graph.Of("Add", row, graph.Number(vocabularySize)), graph.Number(-1));
            newer = older;
        }
        return rows;

        string IsToken(string value) => graph.Of("GreaterOrEqual", value, graph.Number(0));
    }

    // Adds a table's vectors; one of zeros stands behind the last for what has none.
    private string WithNgrams(string values, string name, int order, int length, string[] rows)
    {
        if (order == 0)
            return values;
        Span<float> vectors = network.Parameters[name];
        int count = vectors.Length / length;
        string table = graph.Weights(prefix + name, (ReadOnlySpan<float>)[.. vectors, .. new float[length]], count + 1, length);
        for (int i = 0; i < order - 1; i++)
            values = graph.Of("Add", values, graph.Of("Gather", table, graph.Of("Min", rows[i], graph.Number(count))));
        return values;
    }

    private string Product(string values, string matrix) => graph.Of("MatMul", values, graph.Of("Transpose", [("perm", (long[])[1, 0])], matrix));

    private string Matrix(string name)
    {
        ParameterTensor tensor = network.Parameters.Tensors.Single(tensor => tensor.Name == name);
        return graph.Weights(prefix + name, network.Parameters.Slice(tensor), tensor.Rows, tensor.Columns);
    }

    private string Vector(string name) => graph.Weights(prefix + name, network.Parameters[name], network.Parameters[name].Length);
}

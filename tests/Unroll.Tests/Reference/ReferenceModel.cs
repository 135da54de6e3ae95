// The model's mathematics written down as plainly as possible: scalars in double precision, one row, one step, one unit at
// a time, one-hot vectors spelt out. It knows tensor names and options, and nothing of the engine.

namespace Unroll.Tests.Reference;

/// <summary>A naive language model.</summary>
internal sealed class ReferenceModel
{
    private readonly ModelOptions options;
    private readonly int vocabularySize;
    private readonly IReadOnlyDictionary<string, double[]> parameters;
    private readonly IReadOnlyList<int[]> ngrams;
    private readonly int? end; // the token before which everything is forgotten
    private readonly Dictionary<int, List<int>> past = []; // of every row all tokens that it has read, in all windows

    private Tape tape = new();
    private Dictionary<string, Scalar[]> variables = [];

    public ReferenceModel(
        ModelOptions options, int vocabularySize, IReadOnlyDictionary<string, double[]> parameters, IReadOnlyList<int[]>? ngrams = null, int? end = null)
    {
        this.end = end;
        (this.options, this.vocabularySize, this.parameters, this.ngrams) = (options, vocabularySize, parameters, ngrams ?? []);
    }

    private bool HasMemory => options.Cell is CellKind.Lstm or CellKind.Cifg;

    /// <summary>Runs one window.</summary>
    /// <param name="inputs">[T, B] ids.</param>
    /// <param name="targets">[T, B] ids.</param>
    /// <param name="batch">B.</param>
    /// <param name="state">[L][B, H] hidden vectors, then, for an LSTM or a CIFG, as many memory cells; null = zero.</param>
    /// <param name="noise">Dropout and penalties; null = none.</param>
    /// <param name="differentiate">Whether gradients are wanted.</param>
    public ReferenceResult Run(
        int[] inputs, int[] targets, int batch, double[][]? state = null, ReferenceNoise? noise = null, bool differentiate = true)
    {
        tape = new Tape();
        variables = parameters.ToDictionary(pair => pair.Key, pair => pair.Value.Select(tape.Variable).ToArray());
        Scalar zero = tape.Variable(0), one = tape.Variable(1);
        (int layers, int hidden, int steps) = (options.Layers, options.HiddenSize, inputs.Length / batch);

        var h = new Scalar[layers, batch][];
        var c = new Scalar[layers, batch][];
        for (int layer = 0; layer < layers; layer++)
            for (int row = 0; row < batch; row++)
            {
                h[layer, row] = Start(layer, row);
                c[layer, row] = HasMemory ? Start(layers + layer, row) : [];
            }

        var logits = new List<double>();
        var losses = new List<double>();
        var before = new Dictionary<int, Scalar[]>(); // the last layer's outputs at the step before, by row
        Scalar sum = zero, penalty = zero;
        for (int step = 0; step < steps; step++)
            for (int row = 0; row < batch; row++)
            {
                if (!past.TryGetValue(row, out List<int>? read))
                    past[row] = read = [];
                if (inputs[step * batch + row] == end)
                {
                    read.Clear();
                    for (int layer = 0; layer < layers; layer++)
                        (h[layer, row], c[layer, row]) = ([.. h[layer, row].Select(_ => zero)], [.. c[layer, row].Select(_ => zero)]);
                }
                read.Add(inputs[step * batch + row]);
                Scalar[] x = WithNgrams(Input(inputs[step * batch + row]), "embedding.ngrams", options.InputNgrams, read);
                if (noise?.InputShift is { } shift)
                    x = [.. x.Select((value, element) => value + tape.Variable(shift(step, row, element)))];
                if (noise?.Input is { } inputFactor)
                    x = [.. x.Select((value, element) => inputFactor(step, row, element) * value)];
                for (int layer = 0; layer < layers; layer++)
                {
                    (h[layer, row], c[layer, row]) = Cell(layer, x, h[layer, row], c[layer, row]);
                    if (noise?.State is { } stateFactor)
                        h[layer, row] = [.. h[layer, row].Select((value, unit) => stateFactor(layer, row, unit) * value)];
                    if (layer == layers - 1)
                        Penalise(h[layer, row], row);
                    x = h[layer, row];
                    if (noise?.Output is { } outputFactor)
                        x = [.. x.Select((value, unit) => outputFactor(layer, step, row, unit) * value)];
                }
                Scalar[] outputs = options.AdaptiveSoftmax > 0 ? AdaptiveSoftmax(x)
                    : Affine(options.TieWeights ? "embedding.weight" : "decoder.weight", "decoder.bias", x, 0, vocabularySize);
                outputs = WithNgrams(outputs, "decoder.ngrams", options.OutputNgrams, read);
                Scalar loss = CrossEntropy(outputs, targets[step * batch + row]);
                logits.AddRange(outputs.Select(output => output.Value));
                losses.Add(loss.Value);
                sum += loss;
            }

        Scalar mean = (1.0 / (steps * batch)) * sum;
        Scalar objective = mean + (1.0 / (steps * batch * hidden)) * penalty;
        double[] byIndex = differentiate ? tape.Differentiate(objective) : [];
        return new ReferenceResult
        {
            Logits = [.. logits],
            Losses = [.. losses],
            Loss = mean.Value,
            Objective = objective.Value,
            State = [.. States(h), .. HasMemory ? States(c) : []],
            Gradients = differentiate
                ? variables.ToDictionary(pair => pair.Key, pair => pair.Value.Select(variable => byIndex[variable.Index]).ToArray())
                : [],
        };

        Scalar[] Start(int index, int row) =>
            [.. Enumerable.Range(0, hidden).Select(unit => state is null ? zero : tape.Variable(state[index][row * hidden + unit]))];

        void Penalise(Scalar[] output, int row)
        {
            for (int unit = 0; unit < hidden; unit++)
            {
                penalty += (noise?.ActivationPenalty ?? 0) * (output[unit] * output[unit]);
                if (before.TryGetValue(row, out Scalar[]? last))
                    penalty += (noise?.ChangePenalty ?? 0) * ((output[unit] - last[unit]) * (output[unit] - last[unit]));
            }
            before[row] = output;
        }

        Scalar[] Input(int id) => options.EmbeddingSize == 0
            ? [.. Enumerable.Range(0, vocabularySize).Select(token => token == id ? one : zero)]
            : variables["embedding.weight"][(id * options.EmbeddingSize)..((id + 1) * options.EmbeddingSize)];

        IEnumerable<double[]> States(Scalar[,][] values) => Enumerable.Range(0, layers).Select(layer =>
            Enumerable.Range(0, batch).SelectMany(row => values[layer, row].Select(value => value.Value)).ToArray());
    }

    /// <summary>Adds the vectors of all n-grams of a table that end where a row has read to.</summary>
    private Scalar[] WithNgrams(Scalar[] vector, string table, int order, List<int> read)
    {
        for (int i = 0; i < ngrams.Count; i++)
        {
            int length = ngrams[i].Length, at = i;
            if (length <= order && length <= read.Count && read[^length..].SequenceEqual(ngrams[i]))
                vector = [.. vector.Select((value, k) => value + variables[table][at * vector.Length + k])];
        }
        return vector;
    }

    private (Scalar[] Hidden, Scalar[] Cell) Cell(int layer, Scalar[] x, Scalar[] h, Scalar[] c)
    {
        switch (options.Cell)
        {
            case CellKind.Rnn:
                Scalar[] sums = Map(FromInput(0), FromState(0, h), (a, b) => a + b);
                return ([.. sums.Select(a => options.Activation == Activation.Tanh ? a.Tanh() : a.Relu())], c);

            case CellKind.Gru:
                Scalar[] r = Gate(0, h), z = Gate(1, h);
                Scalar[] recurrent = options.ResetGate == ResetGate.After
                    ? Map(r, FromState(2, h), (a, b) => a * b)
                    : FromState(2, Map(r, h, (a, b) => a * b));
                Scalar[] n = [.. Map(FromInput(2), recurrent, (a, b) => a + b).Select(a => a.Tanh())];
                return ([.. h.Select((old, unit) => (1 - z[unit]) * n[unit] + z[unit] * old)], c);

            case CellKind.Cifg:
                Scalar[] keep = Gate(0, h), output = Gate(2, h);
                Scalar[] candidate = [.. Map(FromInput(1), FromState(1, h), (a, b) => a + b).Select(a => a.Tanh())];
                Scalar[] content = [.. c.Select((old, unit) => keep[unit] * old + (1 - keep[unit]) * candidate[unit])];
                return (Map(output, content, (a, b) => a * b.Tanh()), content);

            default:
                Scalar[] i = Gate(0, h), f = Gate(1, h), o = Gate(3, h);
                Scalar[] g = [.. Map(FromInput(2), FromState(2, h), (a, b) => a + b).Select(a => a.Tanh())];
                Scalar[] memory = [.. c.Select((old, unit) => f[unit] * old + i[unit] * g[unit])];
                return (Map(o, memory, (a, b) => a * b.Tanh()), memory);
        }

        Scalar[] FromInput(int gate) => Affine($"rnn.weight_ih_l{layer}", $"rnn.bias_ih_l{layer}", x, gate, options.HiddenSize);
        Scalar[] FromState(int gate, Scalar[] state) => Affine($"rnn.weight_hh_l{layer}", $"rnn.bias_hh_l{layer}", state, gate, options.HiddenSize);
        Scalar[] Gate(int gate, Scalar[] state) => [.. Map(FromInput(gate), FromState(gate, state), (a, b) => a + b).Select(a => a.Sigmoid())];
    }

    /// <summary>Rows gate·count to (gate + 1)·count of W, times x, plus those rows of the bias where the model has that bias.</summary>
    private Scalar[] Affine(string weightName, string biasName, Scalar[] x, int gate, int count)
    {
        Scalar[] weight = variables[weightName];
        Scalar[]? bias = variables.GetValueOrDefault(biasName);
        var result = new Scalar[count];
        var partials = new (int, double)[2 * x.Length + 1];
        for (int unit = 0; unit < count; unit++)
        {
            int row = gate * count + unit;
            double sum = bias?[row].Value ?? 0;
            for (int k = 0; k < x.Length; k++)
            {
                Scalar w = weight[row * x.Length + k];
                sum += w.Value * x[k].Value;
                partials[2 * k] = (w.Index, x[k].Value);
                partials[2 * k + 1] = (x[k].Index, w.Value);
            }
            partials[^1] = (bias?[row].Index ?? 0, bias is null ? 0 : 1);
            result[unit] = tape.Record(sum, partials);
        }
        return result;
    }

    /// <summary>log p of every token: the head's, or the head's of its cluster and the cluster's.</summary>
    private Scalar[] AdaptiveSoftmax(Scalar[] x)
    {
        int head = options.AdaptiveSoftmax, clusters = variables.Keys.Count(name => name.StartsWith("decoder.tail.", StringComparison.Ordinal)) / 2;
        Scalar[] heads = LogSoftmax(Affine("decoder.head.weight", "decoder.head.bias", x, 0, head + clusters));
        List<Scalar> all = [.. heads[..head]];
        for (int cluster = 0; cluster < clusters; cluster++)
        {
            Scalar[] projected = Affine($"decoder.tail.{cluster}.0.weight", "", x, 0, variables[$"decoder.tail.{cluster}.0.weight"].Length / x.Length);
            Scalar[] own = LogSoftmax(Affine($"decoder.tail.{cluster}.1.weight", "", projected, 0, variables[$"decoder.tail.{cluster}.1.weight"].Length / projected.Length));
            all.AddRange(own.Select(value => value + heads[head + cluster]));
        }
        return [.. all];
    }

    private static Scalar[] LogSoftmax(Scalar[] logits) => [.. Enumerable.Range(0, logits.Length).Select(i => -1.0 * CrossEntropy(logits, i))];

    private static Scalar CrossEntropy(Scalar[] logits, int target)
    {
        // −log softmax, shifted by the largest logit (a constant: it cancels).
        double largest = logits.Max(logit => logit.Value);
        Scalar sum = logits.Select(logit => (-1.0 * (largest - logit)).Exp()).Aggregate((a, b) => a + b);
        return sum.Log() + (largest - logits[target]);
    }

    private static Scalar[] Map(Scalar[] a, Scalar[] b, Func<Scalar, Scalar, Scalar> formula) => [.. a.Zip(b, formula)];
}

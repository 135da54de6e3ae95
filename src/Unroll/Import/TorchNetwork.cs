// A network's shape from the shapes of its tensors, and its numbers in the places that they have here.
using Unroll.Checkpoints;
using Unroll.Model;
using Unroll.Options;

namespace Unroll.Import;

/// <summary>Makes a network of a file's tensors.</summary>
internal sealed class TorchNetwork
{
    // How far below the mean of all logits the one of an added unknown token is. The mean is at most log Σ exp − log V.
    private const double Unlikely = 20;

    private readonly SafetensorsFile file;
    private readonly Dictionary<string, SafetensorsTensor> tensors;

    private TorchNetwork(SafetensorsFile file) => (this.file, tensors) = (file, TorchTensors.Find(file.Header));

    /// <summary>Reads a model.</summary>
    /// <param name="file">The tensors.</param>
    /// <param name="tokens">The tokens by their ids there.</param>
    /// <param name="wanted">What the tensors do not tell.</param>
    /// <exception cref="UnusableFileException">They are of no model.</exception>
    public static ImportedModel Read(SafetensorsFile file, string[] tokens, ImportOptions wanted)
    {
        var network = new TorchNetwork(file);
        ModelOptions options = network.Shape(wanted);
        int rows = network.Tokens(options);
        if (rows != tokens.Length)
            throw new UnusableFileException($"its output layer is made for {rows} tokens, and the vocabulary has {tokens.Length}");
        network.CheckShapes(options, rows);
        options = network.Settle(options);
        var order = new TokenRows(tokens, wanted, options.AdaptiveSoftmax);
        var model = new LanguageModel(order.Vocabulary, options);
        foreach (ParameterTensor tensor in model.Parameters.Tensors)
            network.Fill(tensor, model.Parameters.Slice(tensor), options, order);
        return new ImportedModel(model, network.tensors.ToDictionary(entry => entry.Key, entry => entry.Value.Name), order.HadUnknown);
    }

    private ModelOptions Shape(ImportOptions wanted)
    {
        long hidden = Size("rnn.weight_hh_l0", 1), rows = Size("rnn.weight_ih_l0", 0);
        CellKind cell = (hidden > 0 && rows % hidden == 0 ? rows / hidden : 0) switch
        {
            1 => CellKind.Rnn,
            3 => wanted.Cell == CellKind.Cifg ? CellKind.Cifg : CellKind.Gru,
            4 => CellKind.Lstm,
            _ => throw new UnusableFileException($"{Name("rnn.weight_ih_l0")} has {rows} rows for {hidden} hidden units, which is neither one for each (an RNN) nor three (a GRU) nor four (an LSTM)"),
        };
        if (wanted.Cell is { } other && other != cell)
            throw Contradiction(nameof(wanted.Cell), other, cell);
        if (wanted.Activation is { } activation && cell != CellKind.Rnn)
            throw Contradiction(nameof(wanted.Activation), activation, cell);
        if (wanted.ResetGate is { } gate && cell != CellKind.Gru)
            throw Contradiction(nameof(wanted.ResetGate), gate, cell);
        int clusters = tensors.Keys.Count(name => name.StartsWith("decoder.tail.", StringComparison.Ordinal) && name.EndsWith(".0.weight", StringComparison.Ordinal));
        return new ModelOptions
        {
            Cell = cell,
            HiddenSize = Whole(hidden),
            Layers = tensors.Keys.Count(name => name.StartsWith("rnn.weight_ih_l", StringComparison.Ordinal)),
            EmbeddingSize = tensors.ContainsKey("embedding.weight") ? Whole(Size("embedding.weight", 1)) : 0,
            Activation = wanted.Activation ?? Activation.Tanh,
            ResetGate = wanted.ResetGate ?? ResetGate.After,
            AdaptiveSoftmax = clusters > 0 ? Whole(Size("decoder.head.weight", 0) - clusters) : 0,
        };
    }

    private static UnrollException Contradiction<T>(string property, T value, CellKind cell) where T : struct, Enum => new(
        $"{new PropertyName(property)} {value.ToString().ToLowerInvariant()} does not go with the file, whose tensors are those of a{(cell == CellKind.Gru ? "" : "n")} {cell.ToString().ToUpperInvariant()}.");

    // V, as the output layer has it, or the embedding where the two are one.
    private int Tokens(ModelOptions options) => options.AdaptiveSoftmax > 0
        ? Whole(options.AdaptiveSoftmax + tensors.Keys.Where(name => name.StartsWith("decoder.tail.", StringComparison.Ordinal) && name.EndsWith(".1.weight", StringComparison.Ordinal)).Sum(name => Size(name, 0)))
        : Whole(tensors.ContainsKey("decoder.weight") ? Size("decoder.weight", 0) : Size("decoder.bias", 0));

    private void CheckShapes(ModelOptions options, int vocabularySize)
    {
        IReadOnlyList<ParameterTensor> layout;
        try
        {
            options.Validate();
            layout = TorchLayout.Tensors(options, vocabularySize, null);
        }
        catch (OptionsException e)
        {
            throw new UnusableFileException($"it has a shape that no model has here ({e.Message.TrimEnd('.')})");
        }
        bool isTied = options.EmbeddingSize > 0 && !tensors.ContainsKey("decoder.weight");
        bool hasBiases = tensors.ContainsKey("rnn.bias_ih_l0");
        foreach (ParameterTensor expected in layout)
        {
            bool mayLack = expected.Name is "decoder.bias" or "decoder.head.bias" || (isTied && expected.Name == "decoder.weight")
                || (!hasBiases && expected.Name.StartsWith("rnn.bias_", StringComparison.Ordinal));
            if (!tensors.TryGetValue(expected.Name, out SafetensorsTensor? tensor))
            {
                if (mayLack)
                    continue;
                throw new UnusableFileException($"the tensor that would be \"{expected.Name}\" [{string.Join(", ", expected.Shape)}] is missing");
            }
            if (!tensor.Shape.SequenceEqual(expected.Shape.Select(dimension => (long)dimension)))
                throw new UnusableFileException($"{Name(expected.Name)} has the shape [{string.Join(", ", tensor.Shape)}], and a{(options.Cell == CellKind.Gru ? "" : "n")} {options.Cell.ToString().ToUpperInvariant()} of {options.HiddenSize} units with {vocabularySize} tokens wants [{string.Join(", ", expected.Shape)}]{(options.AdaptiveSoftmax > 0 ? " in an adaptive softmax (docs/model-file.md has its clusters)" : "")}");
        }
        if (tensors.Keys.FirstOrDefault(name => layout.All(expected => expected.Name != name)) is { } extra)
            throw new UnusableFileException($"{Name(extra)} is one that such a model does not have");
    }

    // What the numbers tell: one bias vector where the second is all zeros, tied weights where decoder and embedding are equal.
    private ModelOptions Settle(ModelOptions options)
    {
        bool one = tensors.Keys.Where(name => name.StartsWith("rnn.bias_hh_", StringComparison.Ordinal)).All(name => !Read(name).ContainsAnyExcept(0f));
        bool tied = options.EmbeddingSize == options.HiddenSize && options.AdaptiveSoftmax == 0
            && (!tensors.ContainsKey("decoder.weight") || Read("decoder.weight").SequenceEqual(Read("embedding.weight")));
        if (!tied && options.AdaptiveSoftmax == 0 && !tensors.ContainsKey("decoder.weight"))
            throw new UnusableFileException("its linear layer has a bias and no weights");
        bool needsTwo = options is { Cell: CellKind.Gru, ResetGate: ResetGate.After };
        return options with { Biases = one && !needsTwo ? Biases.One : Biases.Two, TieWeights = tied };
    }

    private void Fill(ParameterTensor tensor, Span<float> values, ModelOptions options, TokenRows order)
    {
        ReadOnlySpan<float> given = tensors.ContainsKey(tensor.Name) ? Read(tensor.Name)
            : tensor.Name == "decoder.bias" ? new float[order.Rows.Length - (order.HadUnknown ? 0 : 1)] : [];
        if (given.IsEmpty)
            return; // biases that there are none of are zero
        ReadOnlySpan<int> rows = order.Rows;
        switch (tensor.Name)
        {
            case "embedding.weight" or "decoder.weight":
                CopyRows(given, values, tensor.Columns, rows);
                break;
            case "decoder.bias":
                CopyRows(given, values, 1, rows);
                if (!order.HadUnknown)
                    values[Vocabulary.UnknownId] -= (float)Unlikely;
                break;
            case "rnn.weight_ih_l0" when options.EmbeddingSize == 0:
                int columns = given.Length / tensor.Rows;
                for (int row = 0; row < tensor.Rows; row++)
                    CopyRows(given.Slice(row * columns, columns), values.Slice(row * tensor.Columns, tensor.Columns), 1, rows);
                break;
            case "decoder.head.weight" or "decoder.head.bias":
                given.CopyTo(values);
                CopyRows(given, values, tensor.Columns, rows[..options.AdaptiveSoftmax]);
                break;
            default:
                given.CopyTo(values);
                break;
        }
    }

    // Rows where they belong; −1 is the mean of all that there are.
    private static void CopyRows(ReadOnlySpan<float> given, Span<float> values, int columns, ReadOnlySpan<int> rows)
    {
        for (int row = 0; row < rows.Length; row++)
        {
            Span<float> target = values.Slice(row * columns, columns);
            if (rows[row] >= 0)
            {
                given.Slice(rows[row] * columns, columns).CopyTo(target);
                continue;
            }
            for (int column = 0; column < columns; column++)
            {
                double sum = 0;
                for (int i = column; i < given.Length; i += columns)
                    sum += given[i];
                target[column] = (float)(sum / (given.Length / columns));
            }
        }
    }

    private Span<float> Read(string name)
    {
        SafetensorsTensor tensor = tensors[name];
        if (tensor.Count > Array.MaxLength)
            throw new UnusableFileException($"{Name(name)} is too long");
        float[] values = new float[tensor.Count];
        file.ReadFloats(tensor, values);
        return values;
    }

    private long Size(string name, int dimension) => tensors.TryGetValue(name, out SafetensorsTensor? tensor) && tensor.Shape.Count == 2 ? tensor.Shape[dimension]
        : tensor is { Shape.Count: 1 } && dimension == 0 ? tensor.Shape[0]
        : throw new UnusableFileException(tensor is null ? $"the tensor that would be \"{name}\" is missing" : $"{Name(name)} has {tensor.Shape.Count} dimensions");

    private string Name(string name) => Quoted.Text(tensors[name].Name);

    private static int Whole(long size) => (int)Math.Min(size, int.MaxValue);
}

// Reads a model file and trusts nothing in it: every claim is held against the file's real length, the options, the
// vocabulary and the other claims before memory is taken for it. Whatever the bytes are, the outcome is a model whose
// numbers are all finite or a ModelFileException of one sentence.
using System.Runtime.InteropServices;
using System.Security;
using Unroll.Counts;
using Unroll.Model;
using Unroll.Options;

namespace Unroll.Checkpoints;

/// <summary>Reads model files.</summary>
internal sealed class CheckpointReader
{
    private readonly SafetensorsFile file;
    private readonly SafetensorsHeader header;
    private readonly ModelMetadata metadata;

    private CheckpointReader(Stream stream)
    {
        file = new SafetensorsFile(stream);
        header = file.Header;
        metadata = ModelMetadata.Read(header.Metadata);
    }

    /// <summary>Reads a file.</summary>
    public static Checkpoint Read(string path) => Open(path, file => new CheckpointReader(file).ReadCheckpoint());

    /// <summary>Reads a stream to its end.</summary>
    public static Checkpoint Read(Stream stream) => Explain("The stream", () =>
    {
        if (stream.CanSeek)
        {
            Checkpoint checkpoint = new CheckpointReader(stream).ReadCheckpoint();
            stream.Seek(0, SeekOrigin.End);
            return checkpoint;
        }
        // Tensors may stand in any order, so all of it must be there.
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        copy.Position = 0;
        return new CheckpointReader(copy).ReadCheckpoint();
    });

    /// <summary>Reads what a file says of itself, and checks it against the tensors' names and shapes.</summary>
    public static CheckpointMetadata ReadMetadata(string path) => Open(path, file => new CheckpointReader(file).ReadMetadata());

    /// <summary>Opens a file, and says in a sentence what is wrong with it.</summary>
    internal static T Open<T>(string path, Func<FileStream, T> read, string kind = "model file") => Explain($"\"{path}\"", () =>
    {
        CheckPath(path);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        return read(file);
    }, kind);

    /// <summary>Says in a sentence what is wrong with what is read.</summary>
    internal static T Explain<T>(string name, Func<T> read, string kind = "model file")
    {
        try
        {
            return read();
        }
        catch (UnusableFileException e)
        {
            throw new ModelFileException($"{name} is not a usable {kind}: {e.Message}.", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFileException($"{name} does not exist.", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or SecurityException)
        {
            throw new ModelFileException($"{name} cannot be read: permission is denied.", e);
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            throw new ModelFileException($"{name} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
        catch (OutOfMemoryException e)
        {
            throw new ModelFileException($"{name} cannot be read: there is not enough memory for it.", e);
        }
    }

    private static void CheckPath(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new ModelFileException($"\"{path}\" is not the name of a file.");
        if (Directory.Exists(path))
            throw new ModelFileException($"\"{path}\" is a folder, not a model file.");
        // Asked before the file is opened: opening a named pipe would wait for a writer.
        var file = new FileInfo(path);
        if (file.Exists && (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target.Length : file.Length) == 0)
            throw new UnusableFileException("it is empty");
    }

    private CheckpointMetadata ReadMetadata()
    {
        CheckTensors();
        return new CheckpointMetadata(metadata.Version, metadata.Networks, CreateVocabulary(), metadata.Summary, metadata.Training is not null);
    }

    private Checkpoint ReadCheckpoint()
    {
        LanguageModel model = CreateModel(CheckTensors());
        for (int member = 0; member < model.Members.Count; member++)
            ReadNetwork(TorchLayout.MemberPrefix(member), model.Members[member]);
        model.Memory = ReadMemory(model.Vocabulary);
        return new Checkpoint(model, metadata.Summary, ReadTraining());
    }

    private void ReadNetwork(string prefix, LanguageModel network)
    {
        Parameters parameters = network.Parameters;
        foreach (ParameterTensor tensor in parameters.Tensors)
            file.ReadFloats(header.Tensors[prefix + tensor.Name], parameters.Slice(tensor));
        foreach (ParameterTensor tensor in TorchLayout.Tensors(network.Options, metadata.Tokens.Count, network.Ngrams).Where(tensor => parameters.Find(tensor.Name) is null))
            CheckCopy(header.Tensors[prefix + tensor.Name], TorchLayout.SourceOf(tensor.Name, network.Options), parameters);
    }

    /// <summary>Checks the tensors' names and shapes against the options and the vocabulary.</summary>
    /// <returns>Each network's n-grams.</returns>
    private NgramIndex?[] CheckTensors()
    {
        int vocabularySize = metadata.Tokens.Count;
        if (header.Tensors.TryGetValue("decoder.bias", out SafetensorsTensor? bias) && bias.Shape is [long outputs] && outputs != vocabularySize)
            throw new UnusableFileException($"its vocabulary has {vocabularySize} tokens, but its decoder was made for {outputs}");
        var known = new HashSet<string>();
        var ngrams = new NgramIndex?[metadata.Networks.Count];
        for (int member = 0; member < metadata.Networks.Count; member++)
        {
            if (metadata.Networks[member].NgramOrder > 0)
            {
                known.Add(TorchLayout.MemberPrefix(member) + TorchLayout.Ngrams);
                ngrams[member] = ReadNgrams(TorchLayout.MemberPrefix(member) + TorchLayout.Ngrams, metadata.Networks[member].NgramOrder);
            }
            foreach (ParameterTensor expected in TorchLayout.Tensors(metadata.Networks[member], vocabularySize, ngrams[member]))
            {
                string name = TorchLayout.MemberPrefix(member) + expected.Name;
                known.Add(name);
                if (!header.Tensors.TryGetValue(name, out SafetensorsTensor? tensor))
                    throw new UnusableFileException($"the tensor \"{name}\" is missing");
                if (tensor.IsWhole)
                    throw new UnusableFileException($"the tensor \"{name}\" has whole numbers, not fractions");
                if (!tensor.Shape.SequenceEqual(expected.Shape.Select(dimension => (long)dimension)))
                    throw new UnusableFileException(
                        $"the tensor \"{name}\" has the shape [{string.Join(", ", tensor.Shape)}], but its options and vocabulary want [{string.Join(", ", expected.Shape)}]");
            }
        }
        known.UnionWith(CountTensors.Names.Select(name => MemoryTensors.Prefix + name));
        foreach (SafetensorsTensor tensor in header.Tensors.Values.Where(tensor => !known.Contains(tensor.Name)))
        {
            if (metadata.Training is null || !tensor.Name.StartsWith(TorchLayout.TrainingPrefix, StringComparison.Ordinal))
                throw new UnusableFileException($"the tensor {Quoted.Text(tensor.Name)} does not belong to such a model");
            if (tensor.Shape.Count != 1 || tensor.Count > Array.MaxLength || tensor.IsWhole)
                throw new UnusableFileException($"the tensor {Quoted.Text(tensor.Name)} is not a vector, or is too long");
        }
        return ngrams;
    }

    private NgramIndex ReadNgrams(string name, int order)
    {
        if (!header.Tensors.TryGetValue(name, out SafetensorsTensor? tensor))
            throw new UnusableFileException($"the tensor \"{name}\" is missing");
        if (tensor.Type != NumberType.I32 || tensor.Shape is not [long rows, 2] || rows > Array.MaxLength / 2)
            throw new UnusableFileException($"the tensor \"{name}\" is not a list of pairs of whole numbers");
        int[] entries = new int[2 * rows];
        file.ReadBytes(tensor, MemoryMarshal.AsBytes(entries.AsSpan()));
        try
        {
            return new NgramIndex(metadata.Tokens.Count, entries, order);
        }
        catch (UnrollException e)
        {
            throw new UnusableFileException(e.Message.TrimEnd('.'));
        }
    }

    private CountMemory? ReadMemory(Vocabulary vocabulary)
    {
        var arrays = new Dictionary<string, Array>();
        foreach (string name in CountTensors.Names)
        {
            if (!header.Tensors.TryGetValue(MemoryTensors.Prefix + name, out SafetensorsTensor? tensor))
                continue;
            arrays.Add(name, MemoryTensors.ArrayFor(tensor));
            file.ReadBytes(tensor, MemoryTensors.Bytes(arrays[name]));
        }
        try
        {
            return arrays.Count == 0 ? null : CountTensors.Read(arrays, vocabulary);
        }
        catch (UnrollException e)
        {
            throw new UnusableFileException(e.Message.TrimEnd('.'));
        }
    }

    private LanguageModel CreateModel(NgramIndex?[] ngrams)
    {
        try
        {
            Vocabulary vocabulary = CreateVocabulary();
            return LanguageModel.Average([.. metadata.Networks.Select((options, member) => new LanguageModel(vocabulary, options, ngrams[member]))]);
        }
        catch (UnrollException e)
        {
            throw new UnusableFileException(e.Message.TrimEnd('.'));
        }
    }

    private Vocabulary CreateVocabulary()
    {
        try
        {
            return new Vocabulary(metadata.Tokens, metadata.Text);
        }
        catch (UnrollException e)
        {
            throw new UnusableFileException(e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Checks a tensor that the model does not keep: it must repeat another, or be all zeros.</summary>
    private void CheckCopy(SafetensorsTensor tensor, string? source, Parameters parameters)
    {
        Span<float> expected = source is null ? [] : parameters[source];
        float[] values = new float[Math.Min(tensor.Count, SafetensorsFile.Piece)];
        for (long first = 0; first < tensor.Count; first += values.Length)
        {
            Span<float> piece = values.AsSpan(0, (int)Math.Min(values.Length, tensor.Count - first));
            file.ReadPiece(tensor, first, piece);
            if (source is null ? piece.ContainsAnyExcept(0f) : !piece.SequenceEqual(expected.Slice((int)first, piece.Length)))
                throw new UnusableFileException(source is null
                    ? $"the tensor \"{tensor.Name}\" must be zero in a model with one bias vector per layer"
                    : $"the tensor \"{tensor.Name}\" must equal \"{source}\" in a model with tied weights");
        }
    }

    // The state of a run of version 1 is of no use: sums run in another order now.
    private TrainingSnapshot? ReadTraining()
    {
        if (metadata is not { Training: { } json, IsCurrent: true })
            return null;
        var tensors = new Dictionary<string, float[]>();
        foreach (SafetensorsTensor tensor in header.Tensors.Values.Where(tensor => tensor.Name.StartsWith(TorchLayout.TrainingPrefix, StringComparison.Ordinal)))
        {
            float[] values = new float[tensor.Count];
            file.ReadFloats(tensor, values);
            tensors.Add(tensor.Name[TorchLayout.TrainingPrefix.Length..], values);
        }
        return new TrainingSnapshot(json, tensors);
    }
}

// Reads a model file and trusts nothing in it: every claim is held against the file's real length, the options, the
// vocabulary and the other claims before memory is taken for it. Whatever the bytes are, the outcome is a model whose
// numbers are all finite or an UnrollException of one sentence.
using System.Runtime.InteropServices;
using System.Security;
using Microsoft.Win32.SafeHandles;

namespace Unroll.Checkpoints;

/// <summary>Reads model files.</summary>
internal sealed class CheckpointReader
{
    // Floats per read: far below the 2^31 bytes that a span can hold.
    private const int Piece = 1 << 20;

    private readonly SafeFileHandle handle;
    private readonly SafetensorsHeader header;
    private readonly long dataStart;
    private readonly ModelMetadata metadata;

    private CheckpointReader(SafeFileHandle handle)
    {
        this.handle = handle;
        long length = RandomAccess.GetLength(handle);
        if (length < SafetensorsHeader.PrefixLength)
            throw new UnusableFileException($"it has only {length} bytes");
        Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixLength];
        ReadBytes(0, prefix);
        byte[] bytes = new byte[SafetensorsParser.ParseLength(prefix, length)];
        ReadBytes(SafetensorsHeader.PrefixLength, bytes);
        dataStart = SafetensorsHeader.PrefixLength + bytes.Length;
        header = SafetensorsParser.Parse(bytes, length - dataStart);
        metadata = ModelMetadata.Read(header.Metadata);
    }

    /// <summary>Reads a file.</summary>
    public static Checkpoint Read(string path)
    {
        try
        {
            CheckPath(path);
            using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return new CheckpointReader(handle).ReadCheckpoint();
        }
        catch (UnusableFileException e)
        {
            throw new UnrollException($"\"{path}\" is not a usable model file: {e.Message}.", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UnrollException($"\"{path}\" does not exist.", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or SecurityException)
        {
            throw new UnrollException($"\"{path}\" cannot be read: permission is denied.", e);
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            throw new UnrollException($"\"{path}\" cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
        catch (OutOfMemoryException e)
        {
            throw new UnrollException($"\"{path}\" cannot be read: there is not enough memory for it.", e);
        }
    }

    private static void CheckPath(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new UnrollException($"\"{path}\" is not the name of a file.");
        if (Directory.Exists(path))
            throw new UnrollException($"\"{path}\" is a folder, not a model file.");
        // Asked before the file is opened: opening a named pipe would wait for a writer.
        var file = new FileInfo(path);
        if (file.Exists && (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target.Length : file.Length) == 0)
            throw new UnusableFileException("it is empty");
    }

    private Checkpoint ReadCheckpoint()
    {
        IReadOnlyList<ParameterTensor> layout = CheckTensors();
        LanguageModel model = CreateModel();
        Parameters parameters = model.Parameters;
        foreach (ParameterTensor tensor in parameters.Tensors)
            ReadFloats(header.Tensors[tensor.Name], parameters.Slice(tensor));
        foreach (ParameterTensor tensor in layout.Where(tensor => parameters.Find(tensor.Name) is null))
            CheckCopy(header.Tensors[tensor.Name], TorchLayout.SourceOf(tensor.Name, metadata.Options), parameters);
        return new Checkpoint(model, metadata.Summary, ReadTraining());
    }

    /// <summary>Holds the tensors' names and shapes against the options and the vocabulary.</summary>
    private IReadOnlyList<ParameterTensor> CheckTensors()
    {
        int vocabularySize = metadata.Tokens.Count;
        if (header.Tensors.TryGetValue("decoder.bias", out SafetensorsTensor? bias) && bias.Shape is [long outputs] && outputs != vocabularySize)
            throw new UnusableFileException($"its vocabulary has {vocabularySize} tokens, but its decoder was made for {outputs}");
        IReadOnlyList<ParameterTensor> layout = TorchLayout.Tensors(metadata.Options, vocabularySize);
        foreach (ParameterTensor expected in layout)
        {
            if (!header.Tensors.TryGetValue(expected.Name, out SafetensorsTensor? tensor))
                throw new UnusableFileException($"the tensor \"{expected.Name}\" is missing");
            if (!tensor.Shape.SequenceEqual(expected.Shape.Select(dimension => (long)dimension)))
                throw new UnusableFileException(
                    $"the tensor \"{expected.Name}\" has the shape [{string.Join(", ", tensor.Shape)}], but its options and vocabulary want [{string.Join(", ", expected.Shape)}]");
        }
        var known = layout.Select(tensor => tensor.Name).ToHashSet();
        foreach (SafetensorsTensor tensor in header.Tensors.Values.Where(tensor => !known.Contains(tensor.Name)))
        {
            if (metadata.Training is null || !tensor.Name.StartsWith(TorchLayout.TrainingPrefix, StringComparison.Ordinal))
                throw new UnusableFileException($"the tensor {Quoted.Text(tensor.Name)} does not belong to such a model");
            if (tensor.Shape.Count != 1 || tensor.Count > Array.MaxLength)
                throw new UnusableFileException($"the tensor {Quoted.Text(tensor.Name)} is not a vector, or is too long");
        }
        return layout;
    }

    private LanguageModel CreateModel()
    {
        try
        {
            var vocabulary = new Vocabulary(metadata.Tokens, metadata.Text);
            return new LanguageModel(vocabulary, metadata.Options, new Parameters(metadata.Options, vocabulary.Count));
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
        float[] values = new float[Math.Min(tensor.Count, 1 << 14)];
        for (long start = 0; start < tensor.Count; start += values.Length)
        {
            Span<float> piece = values.AsSpan(0, (int)Math.Min(values.Length, tensor.Count - start));
            ReadBytes(dataStart + tensor.Begin + start * sizeof(float), MemoryMarshal.AsBytes(piece));
            if (source is null ? piece.ContainsAnyExcept(0f) : !piece.SequenceEqual(expected.Slice((int)start, piece.Length)))
                throw new UnusableFileException(source is null
                    ? $"the tensor \"{tensor.Name}\" must be zero in a model with one bias vector per layer"
                    : $"the tensor \"{tensor.Name}\" must equal \"{source}\" in a model with tied weights");
        }
    }

    private TrainingSnapshot? ReadTraining()
    {
        if (metadata.Training is null)
            return null;
        var tensors = new Dictionary<string, float[]>();
        foreach (SafetensorsTensor tensor in header.Tensors.Values.Where(tensor => tensor.Name.StartsWith(TorchLayout.TrainingPrefix, StringComparison.Ordinal)))
        {
            float[] values = new float[tensor.Count];
            ReadFloats(tensor, values);
            tensors.Add(tensor.Name[TorchLayout.TrainingPrefix.Length..], values);
        }
        return new TrainingSnapshot(metadata.Training, tensors);
    }

    private void ReadFloats(SafetensorsTensor tensor, Span<float> values)
    {
        for (int start = 0; start < values.Length; start += Piece)
        {
            Span<float> piece = values.Slice(start, Math.Min(Piece, values.Length - start));
            ReadBytes(dataStart + tensor.Begin + (long)start * sizeof(float), MemoryMarshal.AsBytes(piece));
            FiniteNumbers.Check(tensor.Name, piece);
        }
    }

    private void ReadBytes(long position, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int count = RandomAccess.Read(handle, bytes, position);
            if (count == 0)
                throw new UnusableFileException("it became shorter while it was read");
            bytes = bytes[count..];
            position += count;
        }
    }
}

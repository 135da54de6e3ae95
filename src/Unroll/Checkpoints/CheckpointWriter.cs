// Writes a model file. The tensors are torch.nn's: where the model has one bias vector the second is written as
// zeros, and where it shares the embedding's weights the decoder gets a copy, so that the file loads strictly.
using System.Runtime.InteropServices;
using Unroll.Files;

namespace Unroll.Checkpoints;

/// <summary>Writes model files.</summary>
internal static class CheckpointWriter
{
    // Floats per write: far below the 2^31 bytes that a span can hold.
    private const int Piece = 1 << 20;

    /// <summary>Writes a file, atomically.</summary>
    public static void Write(string path, Checkpoint checkpoint)
    {
        List<Content> contents = Contents(checkpoint);
        byte[] header = Header($"\"{path}\"", checkpoint, contents);
        AtomicFile.Write(path, stream => Write(stream, header, contents));
    }

    /// <summary>Writes the same bytes into a stream.</summary>
    public static void Write(Stream stream, Checkpoint checkpoint)
    {
        List<Content> contents = Contents(checkpoint);
        Write(stream, Header("The model", checkpoint, contents), contents);
    }

    private static void Write(Stream stream, byte[] header, List<Content> contents)
    {
        stream.Write(header);
        foreach (Content content in contents)
        {
            ReadOnlySpan<float> values = content.Values.Span;
            for (int start = 0; start < values.Length; start += Piece)
                stream.Write(MemoryMarshal.AsBytes(values.Slice(start, Math.Min(Piece, values.Length - start))));
            if (content.Others is { } others)
                stream.Write(MemoryTensors.Bytes(others));
        }
    }

    private static List<Content> Contents(Checkpoint checkpoint)
    {
        var contents = new List<Content>();
        long position = 0;
        for (int member = 0; member < checkpoint.Model.Members.Count; member++)
        {
            LanguageModel network = checkpoint.Model.Members[member];
            Parameters parameters = network.Parameters;
            foreach (ParameterTensor tensor in TorchLayout.Tensors(network.Options, network.Vocabulary.Count, network.Ngrams))
            {
                ParameterTensor? source = parameters.Find(TorchLayout.SourceOf(tensor.Name, network.Options) ?? "");
                Add(TorchLayout.MemberPrefix(member) + tensor.Name, [.. tensor.Shape],
                    source is null ? new float[tensor.Count] : parameters.Storage.AsMemory((int)source.Offset, (int)source.Count));
            }
            if (network.Ngrams is { } ngrams)
                AddOther(TorchLayout.MemberPrefix(member) + TorchLayout.Ngrams, [ngrams.Rows, 2], ngrams.Entries);
        }
        foreach ((string name, float[] values) in (checkpoint.Training?.Tensors ?? new Dictionary<string, float[]>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Add(TorchLayout.TrainingPrefix + name, [values.Length], values);
        if (checkpoint.Model.Memory is { } memory)
        {
            foreach ((string name, Array values) in MemoryTensors.Of(memory))
                AddOther(name, [values.Length], values);
        }
        return contents;

        void Add(string name, long[] shape, ReadOnlyMemory<float> values)
        {
            long end = position + (long)values.Length * sizeof(float);
            contents.Add(new(new(name, shape, position, end), values));
            position = end;
        }

        void AddOther(string name, long[] shape, Array values)
        {
            long end = position + MemoryTensors.Bytes(values).Length;
            contents.Add(new(new(name, shape, position, end, MemoryTensors.TypeOf(values)), default, values));
            position = end;
        }
    }

    private static byte[] Header(string name, Checkpoint checkpoint, List<Content> contents)
    {
        LanguageModel model = checkpoint.Model;
        var metadata = new ModelMetadata(
            [.. model.Members.Select(member => member.Options)], model.Vocabulary.Tokens, model.Vocabulary.Text, checkpoint.Summary, checkpoint.Training?.Json);
        try
        {
            metadata.Check();
            foreach (Content content in contents)
                FiniteNumbers.Check(content.Tensor.Name, content.Values.Span);
            return SafetensorsHeader.Format(metadata.ToEntries(), contents.Select(content => content.Tensor))
                ?? throw new UnusableFileException($"its vocabulary takes more than the {SafetensorsHeader.MaximumLength} bytes that a header may have");
        }
        catch (UnusableFileException e)
        {
            throw new UnrollException($"{name} was not written, because the model would be unusable: {e.Message}.", e);
        }
    }

    private sealed record Content(SafetensorsTensor Tensor, ReadOnlyMemory<float> Values, Array? Others = null);
}

// A recurrent state in a file: safetensors again, one tensor [B, H] for each layer and each thing that it carries
// (hidden_l0, cell_l0 …), the further networks' under their number (member.1.hidden_l0 …), and the cells in the metadata. Read with
// the same distrust as a model.
using System.Runtime.InteropServices;
using Unroll.Checkpoints;
using Unroll.Counts;
using Unroll.Files;

namespace Unroll;

/// <summary>Keeps a recurrent state in a safetensors file.</summary>
public static class StateFile
{
    private const string Kind = "file of a recurrent state";
    private const string AnotherShape = "it is the state of a model of another shape";
    private const string VersionKey = "unroll_state";
    private const string Version = "1";
    private const string CellKey = "cell";

    extension(RecurrentState state)
    {
        /// <summary>Writes the state, atomically: a crash leaves the old file or the new one.</summary>
        /// <exception cref="UnrollException">The file cannot be written, or a number of the state is not finite.</exception>
        public void Save(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            byte[] header = Header(state);
            AtomicFile.Write(path, stream => Write(stream, header, state));
        }

        /// <summary>Writes the bytes of a state's file into a stream, which is left open.</summary>
        /// <exception cref="UnrollException">A number of the state is not finite; nothing has been written.</exception>
        public void Save(Stream stream)
        {
            ArgumentNullException.ThrowIfNull(stream);
            Write(stream, Header(state), state);
        }

        /// <summary>Reads a state, trusting nothing in the file.</summary>
        /// <param name="path">The file.</param>
        /// <param name="model">The model that is to go on from it.</param>
        /// <exception cref="ModelFileException">The file is missing, damaged, no state or the state of a model of another shape.</exception>
        public static RecurrentState Load(string path, LanguageModel model)
        {
            ArgumentNullException.ThrowIfNull(path);
            ArgumentNullException.ThrowIfNull(model);
            return CheckpointReader.Open(path, file => Read(file, NetworksOf(model), ReachOf(model)), Kind);
        }

        /// <summary>Reads a state from a stream, from where it stands to its end; the stream is left open.</summary>
        /// <param name="stream">The stream.</param>
        /// <param name="model">The model that is to go on from it.</param>
        /// <exception cref="ModelFileException">The content is damaged, no state or the state of a model of another shape.</exception>
        public static RecurrentState Load(Stream stream, LanguageModel model)
        {
            ArgumentNullException.ThrowIfNull(stream);
            ArgumentNullException.ThrowIfNull(model);
            return CheckpointReader.Explain("The stream", () => Read(stream, NetworksOf(model), ReachOf(model)), Kind);
        }

        /// <summary>Reads the state of one network, trusting nothing in the file.</summary>
        /// <param name="path">The file.</param>
        /// <param name="options">The shape of the model that is to go on from it.</param>
        /// <exception cref="OptionsException">The options do not make a model.</exception>
        /// <exception cref="ModelFileException">The file is missing, damaged, no state or the state of a model of another shape.</exception>
        public static RecurrentState Load(string path, ModelOptions options)
        {
            ArgumentNullException.ThrowIfNull(path);
            ArgumentNullException.ThrowIfNull(options);
            options.Validate();
            return CheckpointReader.Open(path, file => Read(file, [options], readReach: 0), Kind);
        }

        /// <summary>Reads the state of one network from a stream, from where it stands to its end; the stream is left open.</summary>
        /// <param name="stream">The stream.</param>
        /// <param name="options">The shape of the model that is to go on from it.</param>
        /// <exception cref="OptionsException">The options do not make a model.</exception>
        /// <exception cref="ModelFileException">The content is damaged, no state or the state of a model of another shape.</exception>
        public static RecurrentState Load(Stream stream, ModelOptions options)
        {
            ArgumentNullException.ThrowIfNull(stream);
            ArgumentNullException.ThrowIfNull(options);
            options.Validate();
            return CheckpointReader.Explain("The stream", () => Read(stream, [options], readReach: 0), Kind);
        }
    }

    private static byte[] Header(RecurrentState state)
    {
        long position = 0;
        var tensors = new List<SafetensorsTensor>();
        foreach ((string name, int columns, float[] values) in Arrays(state))
        {
            if (!FiniteNumbers.Are(values))
                throw new UnrollException("The state was not written, because it holds NaN or infinity: its model is unusable.");
            long end = position + (long)values.Length * sizeof(float);
            tensors.Add(new SafetensorsTensor(name, [state.Batch, columns], position, end));
            position = end;
        }
        return SafetensorsHeader.Format([new(VersionKey, Version), new(CellKey, Cells(state))], tensors)!;
    }

    private static void Write(Stream stream, byte[] header, RecurrentState state)
    {
        stream.Write(header);
        foreach ((_, _, float[] values) in Arrays(state))
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    private static RecurrentState Read(Stream stream, IReadOnlyList<ModelOptions> networks, int readReach)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        ReadOnlySpan<byte> file = copy.GetBuffer().AsSpan(0, (int)copy.Length);
        if (file.Length < SafetensorsHeader.PrefixLength)
            throw new UnusableFileException(file.IsEmpty ? "it is empty" : $"it has only {file.Length} bytes");
        int length = SafetensorsParser.ParseLength(file[..SafetensorsHeader.PrefixLength], file.Length);
        ReadOnlySpan<byte> data = file[(SafetensorsHeader.PrefixLength + length)..];
        SafetensorsHeader header = SafetensorsParser.Parse(file.Slice(SafetensorsHeader.PrefixLength, length), data.Length);
        if (!header.Metadata.TryGetValue(VersionKey, out string? version))
            throw new UnusableFileException("it holds something else");
        if (version != Version)
            throw new UnusableFileException("it was written by a later version of Unroll");

        long batch = header.Tensors.Values.Select(tensor => tensor.Shape.FirstOrDefault()).FirstOrDefault();
        if (batch < 1 || batch > data.Length / sizeof(float) / (networks.Sum(options => (long)options.HiddenSize) + readReach))
            throw new UnusableFileException(AnotherShape);
        var state = new RecurrentState(networks, (int)batch, readReach);
        (string Name, int Columns, float[] Values)[] arrays = [.. Arrays(state)];
        if (header.Metadata.GetValueOrDefault(CellKey) != Cells(state) || header.Tensors.Count != arrays.Length)
            throw new UnusableFileException(AnotherShape);
        foreach ((string name, int columns, float[] values) in arrays)
        {
            if (!header.Tensors.TryGetValue(name, out SafetensorsTensor? tensor) || tensor.Type != NumberType.F32
                || !tensor.Shape.SequenceEqual([batch, columns]))
                throw new UnusableFileException(AnotherShape);
            MemoryMarshal.Cast<byte, float>(data[(int)tensor.Begin..(int)tensor.End]).CopyTo(values);
            FiniteNumbers.Check(name, values);
        }
        return state;
    }

    private static int ReachOf(LanguageModel model) => model.Memory is null ? 0 : CountMemory.History;

    private static ModelOptions[] NetworksOf(LanguageModel model) => [.. model.Members.Select(member => member.Options)];

    // Every network's arrays, [B, H of that network], under their names in the file.
    private static IEnumerable<(string Name, int Columns, float[] Values)> Arrays(RecurrentState state) =>
        state.Members.SelectMany((member, index) => member.Arrays.Select(array => (TorchLayout.MemberPrefix(index) + array.Name, array.Values)))
            .Concat(state.ReadArrays).Select(array => (array.Item1, array.Item2.Length / state.Batch, array.Item2));

    private static string Cells(RecurrentState state) => string.Join(' ', state.Members.Select(member => member.CellName));
}

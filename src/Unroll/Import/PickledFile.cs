using Unroll.Checkpoints;

namespace Unroll.Import;

/// <summary>Files that other programs keep models in. They are programs themselves, which only their own interpreter can run.</summary>
internal static class PickledFile
{
    /// <summary>Refuses such a file with what to do instead.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="stream">Its content, from where it stands; it stands there afterwards.</param>
    public static void Refuse(string path, Stream stream)
    {
        Span<byte> start = stackalloc byte[4];
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Seek(-length, SeekOrigin.Current);
        if (Path.GetExtension(path).Equals(".t7", StringComparison.OrdinalIgnoreCase))
            throw new ModelFileException($"\"{path}\" is a file of Lua's Torch, which is not opened: load it in Python with the package torchfile, give its tensors the names of torch.nn, and save them with 'from safetensors.numpy import save_file' and 'save_file(tensors, \"{Other(path)}\")'.");
        // torch.save writes an archive (PK), and before version 1.6 wrote a pickle as it is.
        if (length == start.Length && (start.SequenceEqual("PK\u0003\u0004"u8) || (start[0] == 0x80 && start[1] is >= 2 and <= 5)))
            throw new ModelFileException($"\"{path}\" is a pickle, which only Python can open; two lines make the file that is wanted of its state_dict: 'import torch, safetensors.torch' and 'safetensors.torch.save_file({{name: values.clone() for name, values in torch.load(\"{Path.GetFileName(path)}\", map_location=\"cpu\").items()}}, \"{Other(path)}\")'.");
    }

    private static string Other(string path) => Path.ChangeExtension(Path.GetFileName(path), ".safetensors");
}

// The texts that Unroll knows by name: where they are published and what their bytes must be. It knows no texts of its
// own and never reads a text that is not the published one: the hash decides, wherever the file came from.
using System.Security.Cryptography;
using Unroll.Data.Sources;

namespace Unroll;

/// <summary>A published text with a name.</summary>
public sealed class Dataset
{
    internal Dataset(string name, Uri address, string sha1, long bytes, string description)
    {
        (Name, Address, Sha1, Bytes, Description) = (name, address, sha1, bytes, description);
    }

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Dataset> All { get; } =
    [
        new(
            "timemachine",
            new Uri("http://d2l-data.s3-accelerate.amazonaws.com/timemachine.txt"),
            "090b5e7e70c295757f55df93cb0a180b9691891a",
            178_979,
            "H. G. Wells, The Time Machine: the textbook's text. Public domain."),
        new(
            "tiny-shakespeare",
            new Uri("https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"),
            "04486597058d11dcc2c556b1d0433891eb639d2e",
            1_115_394,
            "Scenes from Shakespeare's plays, the text that character models are compared on. Public domain."),
    ];

    /// <summary>What one calls it.</summary>
    public string Name { get; }

    /// <summary>Where it is published.</summary>
    public Uri Address { get; }

    /// <summary>The SHA-1 of its bytes, in hexadecimal.</summary>
    public string Sha1 { get; }

    /// <summary>Its length in bytes.</summary>
    public long Bytes { get; }

    /// <summary>What it is, in a sentence.</summary>
    public string Description { get; }

    /// <summary>The name of its file in a folder.</summary>
    public string FileName => Name + ".txt";

    /// <summary>The dataset of a name, or null.</summary>
    public static Dataset? Find(string name) => All.FirstOrDefault(dataset => dataset.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Where its file lies on this machine, in the folder that the environment variable UNROLL_DATA names or else in the
    /// user's cache folder; null if it lies in neither. The file's content is not looked at.</summary>
    public string? PathIfPresent() => PathIfPresent(DatasetFolders.Ours);

    /// <summary>Its file on this machine; downloaded into the user's cache folder first if need be. A download that was broken
    /// off is taken up where it stopped.</summary>
    /// <param name="progress">Told of bytes received and bytes in all while downloading.</param>
    /// <param name="cancellationToken">Breaks the download off.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="UnrollException">The file cannot be had, or is not the published one; the message says where to put it by hand.</exception>
    public string Get(IProgress<(long Received, long? Total)>? progress = null, CancellationToken cancellationToken = default) =>
        Get(DatasetFolders.Ours, Address, progress, cancellationToken);

    internal string? PathIfPresent(DatasetFolders folders) =>
        folders.Search.Select(folder => Path.Combine(folder, FileName)).FirstOrDefault(File.Exists);

    internal string Get(DatasetFolders folders, Uri address, IProgress<(long Received, long? Total)>? progress, CancellationToken cancellationToken)
    {
        if (PathIfPresent(folders) is { } present)
        {
            CheckPresent(present);
            return present;
        }
        string folder = folders.Cache ?? throw new UnrollException(
            $"There is no folder to keep {Name} in: set the environment variable UNROLL_DATA to a folder, and put the file from {address} there as {FileName}.");
        string path = Path.Combine(folder, FileName);
        // Nothing waits for us on this thread but the caller, who asked for just that.
        new DatasetDownload(this, address, path, progress).Run(cancellationToken).GetAwaiter().GetResult();
        return path;
    }

    internal bool Matches(Stream content) => Convert.ToHexStringLower(SHA1.HashData(content)) == Sha1;

    private void CheckPresent(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (!Matches(file))
                throw new UnrollException($"{path} is not the published {Name} (its SHA-1 is not {Sha1}): remove it, or put the file from {Address} in its place.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnrollException($"{path} cannot be read: {exception.Message}", exception);
        }
    }
}

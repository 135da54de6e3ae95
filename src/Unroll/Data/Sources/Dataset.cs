// The texts that Unroll knows by name: where they are published and what their bytes must be. It contains no text and
// never reads one that is not the published one: the hash decides, wherever the file came from.
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Unroll.Data.Sources;

namespace Unroll;

/// <summary>A published text with a name.</summary>
public sealed class Dataset
{
    internal Dataset(string name, Uri address, string sha256, long bytes, string description)
    {
        (Name, Address, Sha256, Bytes, Description) = (name, address, sha256, bytes, description);
    }

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Dataset> All { get; } =
    [
        new(
            "timemachine",
            new Uri("https://d2l-data.s3-accelerate.amazonaws.com/timemachine.txt"),
            "8424dbd9532ac81f7e5f0b6add90e6952baea29158309d7d1bf3884f4e12c516",
            178_979,
            "H. G. Wells, The Time Machine: the textbook's text. Public domain."),
        new(
            "tiny-shakespeare",
            new Uri("https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"),
            "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
            1_115_394,
            "Scenes from Shakespeare's plays, the text that character models are compared on. Public domain."),
    ];

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Where it is published.</summary>
    public Uri Address { get; }

    /// <summary>The SHA-256 of its bytes, in hexadecimal.</summary>
    public string Sha256 { get; }

    /// <summary>Its length in bytes.</summary>
    public long Bytes { get; }

    /// <summary>What it is, in a sentence.</summary>
    public string Description { get; }

    /// <summary>The name of its file in a folder.</summary>
    public string FileName => Name + ".txt";

    /// <summary>The dataset of a name, or null.</summary>
    public static Dataset? Find(string name) => All.FirstOrDefault(dataset => dataset.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Where its file is on this machine: in the folder that the environment variable UNROLL_DATA names, or else in the
    /// user's cache folder; null if it is in neither. The file's content is not looked at.</summary>
    public string? PathIfPresent() => PathIfPresent(DatasetFolders.Ours);

    /// <summary>Finds its file on this machine, or downloads it into the user's cache folder. A download that was interrupted
    /// is resumed where it stopped; of two at once, the second waits for the first.</summary>
    /// <param name="progress">Told of bytes received while downloading, on the calling thread.</param>
    /// <param name="cancellationToken">Stops the download.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="UnrollException">The file cannot be had, or is not the published one; the message says where to put it by hand.</exception>
    /// <exception cref="OperationCanceledException">The download was stopped.</exception>
    public string Get(IProgress<ReadingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Get(DatasetFolders.Ours, Address, progress, cancellationToken);

    /// <summary>Does what <see cref="Get(IProgress{ReadingProgress}?, CancellationToken)"/> does, without blocking a thread while
    /// the network works.</summary>
    /// <param name="progress">Told of bytes received while downloading, on whichever thread receives them.</param>
    /// <param name="cancellationToken">Stops the download.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="UnrollException">The file cannot be had, or is not the published one; the message says where to put it by hand.</exception>
    /// <exception cref="OperationCanceledException">The download was stopped.</exception>
    public Task<string> GetAsync(IProgress<ReadingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        GetAsync(DatasetFolders.Ours, Address, progress, cancellationToken);

    internal string? PathIfPresent(DatasetFolders folders) =>
        folders.Search.Select(folder => Path.Combine(folder, FileName)).FirstOrDefault(File.Exists);

    internal string Get(DatasetFolders folders, Uri address, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var reports = new BlockingCollection<ReadingProgress>();
        Task<string> download = Task.Run(async () =>
        {
            try
            {
                return await GetAsync(folders, address, new Queued(reports), stop.Token).ConfigureAwait(false);
            }
            finally
            {
                reports.CompleteAdding();
            }
        }, CancellationToken.None);
        try
        {
            foreach (ReadingProgress report in reports.GetConsumingEnumerable(CancellationToken.None))
                progress?.Report(report);
        }
        catch
        {
            stop.Cancel();
            Task.WaitAny(download); // whatever became of it
            throw;
        }
        return download.GetAwaiter().GetResult();
    }

    internal async Task<string> GetAsync(
        DatasetFolders folders, Uri address, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        if (PathIfPresent(folders) is { } present)
        {
            await CheckPresent(present, cancellationToken).ConfigureAwait(false);
            return present;
        }
        string folder = folders.Cache ?? throw new UnrollException(
            $"There is no folder to keep {Name} in: set the environment variable UNROLL_DATA to a folder, and put the file from {address} there as {FileName}.");
        string path = Path.Combine(folder, FileName);
        await new DatasetDownload(this, address, path, progress).Run(cancellationToken).ConfigureAwait(false);
        return path;
    }

    internal async Task<bool> Matches(Stream content, CancellationToken cancellationToken) =>
        Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false)) == Sha256;

    private async Task CheckPresent(string path, CancellationToken cancellationToken)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (!await Matches(file, cancellationToken).ConfigureAwait(false))
                throw new UnrollException($"{path} is not the published {Name} (its SHA-256 is not {Sha256}): remove it, or put the file from {Address} in its place.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnrollException($"{path} cannot be read: {exception.Message}", exception);
        }
    }

    private sealed class Queued(BlockingCollection<ReadingProgress> reports) : IProgress<ReadingProgress>
    {
        public void Report(ReadingProgress value) => reports.Add(value);
    }
}

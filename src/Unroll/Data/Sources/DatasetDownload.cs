// One download: into a file beside the target whose name ends in .part, checked, then moved into place. Killed at any
// moment it leaves no file, or the .part file, which the next download resumes, or the whole and checked file. Whoever
// writes the .part file has it locked from its opening to its move, so that two downloads at once never mix.
using System.Net;
using System.Net.Http.Headers;

namespace Unroll.Data.Sources;

internal sealed class DatasetDownload(Dataset dataset, Uri address, string path, IProgress<ReadingProgress>? progress)
{
    /// <summary>How long a server may say nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>How often to look whether another download has ended.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly string partPath = path + ".part";

    /// <exception cref="UnrollException">It failed; the message says where to put the file by hand.</exception>
    public async Task Run(CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using FileStream? part = await OpenPart(cancellationToken).ConfigureAwait(false);
            if (part is null)
                return;
            if (part.Length != dataset.Bytes)
                await Receive(part, cancellationToken).ConfigureAwait(false);
            part.Position = 0;
            if (!await dataset.Matches(part, cancellationToken).ConfigureAwait(false))
            {
                File.Delete(partPath); // or the next attempt would resume from it
                throw Failure($"what came is not the published file, whose SHA-256 is {dataset.Sha256}");
            }
            File.Move(partPath, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure(exception.Message, exception);
        }
    }

    /// <summary>Opens the .part file for this download alone, when no other one has it.</summary>
    /// <returns>The file, or null where another download has brought the whole one meanwhile.</returns>
    private async Task<FileStream?> OpenPart(CancellationToken cancellationToken)
    {
        // Windows moves an open file only if it is shared for deletion, which shares nothing else.
        FileShare alone = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;
        while (true)
        {
            try
            {
                var part = new FileStream(partPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, alone, bufferSize: 0);
                // Between opening and locking, the other download may have moved this very file into place, or deleted it.
                bool moved = File.Exists(path);
                if (!moved && File.Exists(partPath))
                    return part;
                if (moved && part.Length == 0)
                    File.Delete(partPath); // just created, and not needed
                part.Dispose();
                if (moved)
                    return null;
            }
            catch (IOException exception) when (IsLocked(exception))
            {
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
                if (File.Exists(path))
                    return null;
            }
        }
    }

    // EWOULDBLOCK on Linux and on macOS, ERROR_SHARING_VIOLATION on Windows.
    private static bool IsLocked(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020);

    private async Task Receive(FileStream part, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(Patience);
        long from = part.Length < dataset.Bytes ? part.Length : 0;
        try
        {
            using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
            using HttpResponseMessage response = await Ask(client, from, silence.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.OK)
                from = 0; // a server that knows no ranges sends everything again
            else if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != from)
                throw Refusal(response);
            part.SetLength(from);
            part.Position = from;
            await Copy(response, part, silence).ConfigureAwait(false);
            part.Flush(flushToDisk: true);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failure($"the server said nothing for {Patience.TotalSeconds:0} seconds", exception);
        }
        catch (HttpRequestException exception)
        {
            throw Failure(exception.Message, exception);
        }
        finally
        {
            if (part.Length == 0)
                File.Delete(partPath); // nothing to resume from
        }
    }

    private async Task<HttpResponseMessage> Ask(HttpClient client, long from, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (from > 0)
            request.Headers.Range = new RangeHeaderValue(from, null);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
    }

    private async Task Copy(HttpResponseMessage response, FileStream part, CancellationTokenSource silence)
    {
        using Stream content = await response.Content.ReadAsStreamAsync(silence.Token).ConfigureAwait(false);
        byte[] buffer = new byte[64 * 1024];
        progress?.Report(new ReadingProgress(part.Position, dataset.Bytes));
        // Not a byte more than the file has: a page that never ends must not fill the disk.
        while (part.Position < dataset.Bytes)
        {
            int room = (int)Math.Min(buffer.Length, dataset.Bytes - part.Position);
            int count = await ReadSome(content, buffer.AsMemory(0, room), part.Position, silence.Token).ConfigureAwait(false);
            if (count == 0)
                break;
            silence.CancelAfter(Patience);
            await part.WriteAsync(buffer.AsMemory(0, count), silence.Token).ConfigureAwait(false);
            progress?.Report(new ReadingProgress(part.Position, dataset.Bytes));
        }
        // The way in which HTTP/1.0 ends an answer looks the same as a lost connection.
        if (part.Position < dataset.Bytes && response.Content.Headers.ContentLength is null && response.Headers.TransferEncodingChunked != true)
            throw Lost(part.Position, exception: null);
    }

    private async Task<int> ReadSome(Stream content, Memory<byte> buffer, long received, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            throw Lost(received, exception);
        }
    }

    private UnrollException Refusal(HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            File.Delete(partPath); // its content is no part of what the server has
        return Failure($"the server answered {(int)response.StatusCode} {response.ReasonPhrase}");
    }

    private UnrollException Lost(long received, Exception? exception) =>
        Failure($"the connection was lost after {received} of {dataset.Bytes} bytes, where another attempt will resume", exception);

    private UnrollException Failure(string reason, Exception? exception = null) =>
        new($"{dataset.Name} could not be downloaded ({reason.TrimEnd('.')}): try again, or put the file from {address} at {path} by hand.", exception);
}

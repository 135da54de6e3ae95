// One download: into a file beside the target whose name ends in .part, checked, then moved into place. Killed at any
// moment it leaves no file, or the .part file, which the next download continues, or the whole and checked file.
using System.Net;
using System.Net.Http.Headers;

namespace Unroll.Data.Sources;

internal sealed class DatasetDownload(Dataset dataset, Uri address, string path, IProgress<(long Received, long? Total)>? progress)
{
    /// <summary>How long a server may say nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string partPath = path + ".part";

    /// <exception cref="UnrollException">It failed; the message says where to put the file by hand.</exception>
    public async Task Run(CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var part = new FileInfo(partPath);
            if (!part.Exists || part.Length != dataset.Bytes)
                await Receive(part.Exists && part.Length < dataset.Bytes ? part.Length : 0, cancellationToken).ConfigureAwait(false);
            bool right;
            using (FileStream content = part.OpenRead())
                right = dataset.Matches(content);
            if (!right)
            {
                File.Delete(partPath); // or the next attempt would go on from it
                throw Failure($"what came is not the published file, whose SHA-1 is {dataset.Sha1}");
            }
            File.Move(partPath, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure(exception.Message, exception);
        }
    }

    private async Task Receive(long from, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(Patience);
        try
        {
            using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
            using HttpResponseMessage response = await Ask(client, from, silence.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.OK)
                from = 0; // a server that knows no ranges sends everything again
            else if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != from)
                throw Refusal(response);
            using var part = new FileStream(partPath, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
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
        progress?.Report((part.Position, dataset.Bytes));
        // Not a byte more than the file has: a page that never ends is not to fill the disk.
        while (part.Position < dataset.Bytes)
        {
            int room = (int)Math.Min(buffer.Length, dataset.Bytes - part.Position);
            int count = await ReadSome(content, buffer.AsMemory(0, room), part.Position, silence.Token).ConfigureAwait(false);
            if (count == 0)
                break;
            silence.CancelAfter(Patience);
            await part.WriteAsync(buffer.AsMemory(0, count), silence.Token).ConfigureAwait(false);
            progress?.Report((part.Position, dataset.Bytes));
        }
        // HTTP/1.0's way to end an answer looks the same as a cut connection.
        if (part.Position < dataset.Bytes && response.Content.Headers.ContentLength is null && response.Headers.TransferEncodingChunked != true)
            throw Cut(part.Position, exception: null);
    }

    private async Task<int> ReadSome(Stream content, Memory<byte> buffer, long received, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            throw Cut(received, exception);
        }
    }

    private UnrollException Refusal(HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            File.Delete(partPath); // what stands in it is no part of what the server has
        return Failure($"the server answered {(int)response.StatusCode} {response.ReasonPhrase}");
    }

    private UnrollException Cut(long received, Exception? exception) =>
        Failure($"the connection was cut after {received} of {dataset.Bytes} bytes, from where another attempt goes on", exception);

    private UnrollException Failure(string reason, Exception? exception = null) =>
        new($"{dataset.Name} could not be downloaded ({reason.TrimEnd('.')}): try again, or put the file from {address} at {path} by hand.", exception);
}

namespace Unroll.Serving;

/// <summary>Streams without end, read as a server reads them for its clients: all that has come, every 15 ms.</summary>
internal sealed class Load : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    private readonly GenerationStream[] streams;
    private readonly CancellationTokenSource stop = new();
    private readonly Task reading;

    public Load(BatchGenerator generator, int count, double temperature)
    {
        streams = [.. Enumerable.Range(0, count).Select(i => generator.Start(Requests.Endless((ulong)i, temperature)))];
        reading = Task.Run(Read);
    }

    private async Task Read()
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (GenerationStream stream in streams)
                while (stream.Tokens.TryRead(out _))
                {
                }
            await Task.Delay(Pause);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        foreach (GenerationStream stream in streams)
        {
            stream.Dispose();
            await stream.Outcome;
        }
        stop.Dispose();
    }
}

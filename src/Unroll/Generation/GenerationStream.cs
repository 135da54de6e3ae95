using System.Threading.Channels;
using Unroll.Generation;

namespace Unroll;

/// <summary>A text that a <see cref="BatchGenerator"/> continues. Its tokens wait here for their reader; when as many wait as there is
/// room for, the text sits out until some are read, while the others go on. Read it to its end, cancel it or dispose of it: it
/// keeps its slot until then.</summary>
public sealed class GenerationStream : IDisposable
{
    /// <summary>The most tokens that wait, but for what a stop text has held back; half of them gone, the text goes on.</summary>
    internal const int Room = 1024;

    private readonly Channel<GeneratedToken> tokens = Channel.CreateUnbounded<GeneratedToken>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly TaskCompletionSource<GenerationOutcome> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action wake; // the loop
    private CancellationTokenRegistration registration;
    private int waiting; // tokens
    private volatile bool cancelled;
    private volatile bool awaitsReader;

    internal GenerationStream(SlotText text, Action wake)
    {
        (Text, this.wake) = (text, wake);
        Tokens = new Outlet(this);
    }

    /// <summary>The tokens as they come: those of the prefix where its log-probabilities were asked for, then those produced. For one
    /// reader. It ends with the text; with the exception, should the generator fail.</summary>
    public ChannelReader<GeneratedToken> Tokens { get; }

    /// <summary>How the text ended, as soon as it has: tokens may still wait then. Cancelling is an outcome, not an exception.</summary>
    public Task<GenerationOutcome> Outcome => outcome.Task;

    /// <summary>Tokens of the prefix.</summary>
    public int PrefixTokens => Text.PrefixTokens;

    /// <summary>What it is made of; the loop's.</summary>
    internal SlotText Text { get; }

    /// <summary>Whether it has been told to end.</summary>
    internal bool IsCancelled => cancelled;

    /// <summary>How many tokens more may wait.</summary>
    internal int Free => Room - Volatile.Read(ref waiting);

    /// <summary>Whether it sits out until its reader has read.</summary>
    internal bool AwaitsReader => awaitsReader;

    /// <summary>Ends the text within two steps, also while it waits or its prefix is read. Does nothing once it has ended.</summary>
    public void Cancel()
    {
        cancelled = true;
        wake();
    }

    /// <summary>Cancels it if it has not ended, and lets go of what waits.</summary>
    public void Dispose()
    {
        if (!outcome.Task.IsCompleted)
            Cancel();
        while (Tokens.TryRead(out _))
        {
        }
    }

    /// <summary>Cancels it with the token.</summary>
    internal void Heed(CancellationToken cancellationToken) =>
        registration = cancellationToken.UnsafeRegister(static stream => ((GenerationStream)stream!).Cancel(), this);

    /// <summary>Heeds no token any more.</summary>
    internal void Unheed() => registration.Unregister();

    /// <summary>Hands a token out.</summary>
    internal void Write(in GeneratedToken token)
    {
        Interlocked.Increment(ref waiting);
        tokens.Writer.TryWrite(token);
    }

    /// <summary>Sits out until the reader has read.</summary>
    internal void AwaitReader()
    {
        awaitsReader = true;
        Interlocked.MemoryBarrier();
        // The reader may have been there just before.
        if (Volatile.Read(ref waiting) > Room / 2)
            return;
        awaitsReader = false;
        wake();
    }

    /// <summary>Ends it.</summary>
    internal void End(GenerationOutcome how)
    {
        Unheed();
        outcome.TrySetResult(how);
        tokens.Writer.TryComplete();
    }

    /// <summary>Ends it because the generator has failed.</summary>
    internal void Fail(Exception exception)
    {
        Unheed();
        outcome.TrySetException(exception);
        _ = outcome.Task.Exception; // whoever reads the tokens hears of it there
        tokens.Writer.TryComplete(exception);
    }

    private void Taken()
    {
        if (Interlocked.Decrement(ref waiting) > Room / 2 || !awaitsReader)
            return;
        awaitsReader = false;
        wake();
    }

    // Counts what is read.
    private sealed class Outlet(GenerationStream stream) : ChannelReader<GeneratedToken>
    {
        private readonly ChannelReader<GeneratedToken> inner = stream.tokens.Reader;

        public override Task Completion => inner.Completion;

        public override bool CanCount => true;

        public override int Count => Volatile.Read(ref stream.waiting);

        public override bool TryRead(out GeneratedToken item)
        {
            if (!inner.TryRead(out item))
                return false;
            stream.Taken();
            return true;
        }

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => inner.WaitToReadAsync(cancellationToken);
    }
}

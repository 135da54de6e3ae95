// Many texts continued side by side (continuous batching): one loop on a thread of its own gives every text that is ready a token a step.
// Texts join and leave between steps, and long prefixes are read in pieces between them. A text is to the bit what it is
// alone, because a row's numbers depend on no other row, and each text draws its random numbers by its own seed and positions.
using Unroll.Generation;
using Unroll.Kernels;

namespace Unroll;

/// <summary>Continues many texts at a time; what <see cref="TextGenerator"/> is for one. Any thread may submit requests, any number of
/// them at once. Each text and its log-probabilities are to the bit what they are alone, whoever else is there. Models of several
/// networks and models with a memory of counts are served as any other.</summary>
public sealed class BatchGenerator : IDisposable
{
    private readonly object gate = new();
    private readonly LinkedList<GenerationStream> queue = new(); // under the gate
    private readonly RecurrentState shape;
    private readonly StateTrie remembered;
    private readonly PrefixReader reader;
    private readonly BatchRows rows;
    private readonly List<GenerationStream> ready = [], ended = [];
    private readonly Thread loop;
    private int active; // slots taken; under the gate
    private bool woken; // under the gate
    private bool stopping; // under the gate
    private Exception? failure; // under the gate
    private BatchFigures figures; // under the gate

    /// <summary>Prepares a model, which must not change while it is served.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What it may use; null = the defaults.</param>
    /// <exception cref="UnrollException">The options make no sense, or there is not enough memory.</exception>
    public BatchGenerator(LanguageModel model, BatchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (Model, Options) = (model, options ?? new BatchOptions());
        Options.Validate();
        ThreadTeam.CheckAskedFor(Options.Threads);
        (shape, remembered) = (new RecurrentState(model), new StateTrie(Options.RememberedBytes));
        rows = new BatchRows(model, Options.Slots, Options.Threads);
        reader = new PrefixReader(model, Options.Threads, remembered);
        loop = new Thread(Run) { IsBackground = true, Name = "Unroll batch" };
        loop.Start();
    }

    /// <summary>The model.</summary>
    public LanguageModel Model { get; }

    /// <summary>What it may use.</summary>
    public BatchOptions Options { get; }

    /// <summary>What it is doing and has done, as of the last step.</summary>
    public BatchFigures Figures
    {
        get
        {
            lock (gate)
                return figures with { Active = active, Queued = queue.Count };
        }
    }

    /// <summary>Asks for a text. It begins as soon as there is a slot.</summary>
    /// <param name="request">What to continue, and how. Its prefix is split into tokens on the caller's thread.</param>
    /// <param name="cancellationToken">Ends the text within two steps, wherever it is.</param>
    /// <returns>The text on its way.</returns>
    /// <exception cref="OptionsException">The request makes no sense.</exception>
    /// <exception cref="ArgumentException">The state belongs to a model of another shape, or has several rows.</exception>
    /// <exception cref="QueueFullException">All slots are taken, and as many requests wait as may.</exception>
    /// <exception cref="ObjectDisposedException">The generator has been disposed of.</exception>
    public GenerationStream Start(GenerationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Validate();
        if (request.Start is { } state && (state.Batch != 1 || !shape.HasShapeOf(state)))
            throw RecurrentState.OfAnotherShape(nameof(request));
        lock (gate)
            Admit();
        var stream = new GenerationStream(new SlotText(request, Model), Wake);
        stream.Heed(cancellationToken);
        try
        {
            lock (gate)
            {
                Admit();
                queue.AddLast(stream);
                WakeUp();
            }
        }
        catch
        {
            stream.Unheed();
            throw;
        }
        return stream;
    }

    /// <summary>Ends every text as <see cref="FinishReason.Disposed"/>; when it returns, all have ended.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            WakeUp();
        }
        loop.Join();
    }

    private void Admit()
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        if (failure is not null)
            throw new InvalidOperationException("The generator has failed and produces nothing more.", failure);
        if (queue.Count >= Options.Slots - active + Options.Queue)
            throw new QueueFullException(Options.Slots, Options.Queue);
    }

    private void Wake()
    {
        lock (gate)
            WakeUp();
    }

    private void WakeUp()
    {
        woken = true;
        Monitor.Pulse(gate);
    }

    private void Run()
    {
        try
        {
            while (Next())
            {
            }
        }
        catch (Exception exception)
        {
            lock (gate)
                (failure, active) = (exception, 0);
            foreach (GenerationStream stream in TakeAll())
                stream.Fail(exception);
        }
        finally
        {
            rows.Dispose();
            reader.Dispose();
        }
    }

    // One round: who has come, who has gone, a piece of the prefixes, a step. Where there is nothing to do it sleeps.
    private bool Next()
    {
        bool last = Meet();
        EndCancelled(last);
        bool worked = reader.Read(rows.Rows.Count, ready);
        foreach (GenerationStream stream in ready)
            rows.Join(stream);
        ready.Clear();
        rows.Release(ended);
        rows.Arrange();
        worked |= rows.Step();
        rows.Release(ended);
        Report();
        if (!worked && !last)
            Sleep();
        return !last;
    }

    // Lets those in that have a slot, and notes those who have been cancelled while they waited.
    private bool Meet()
    {
        lock (gate)
        {
            woken = false;
            for (LinkedListNode<GenerationStream>? node = queue.First, next; node is not null; node = next)
            {
                next = node.Next;
                if (node.Value.IsCancelled || stopping)
                {
                    node.Value.Text.Ending = stopping ? FinishReason.Disposed : FinishReason.Cancelled;
                    ended.Add(node.Value);
                    active++; // until it is reported as ended
                }
                else if (active < Options.Slots)
                {
                    reader.Add(node.Value);
                    active++;
                }
                else
                {
                    continue;
                }
                queue.Remove(node);
            }
            return stopping;
        }
    }

    private void EndCancelled(bool all)
    {
        FinishReason reason = all ? FinishReason.Disposed : FinishReason.Cancelled;
        for (int i = reader.Reading.Count - 1; i >= 0; i--)
        {
            GenerationStream stream = reader.Reading[i];
            if (!all && !stream.IsCancelled)
                continue;
            stream.Text.Ending = reason;
            reader.RemoveAt(i);
            ended.Add(stream);
        }
        End(rows.Rows);
        End(rows.Resting);

        void End(IReadOnlyList<GenerationStream> streams)
        {
            for (int i = 0; i < streams.Count; i++)
                if (all || streams[i].IsCancelled)
                    streams[i].Text.Ending ??= reason;
        }
    }

    private void Report()
    {
        foreach (GenerationStream stream in ended)
        {
            SlotText text = stream.Text;
            text.ReleaseAll(stream);
            if (text.IsRemembered && text.Turn.Tokens > 0)
                remembered.Add([.. text.Ids, .. text.IsClosed ? text.Produced : text.Produced[..^1]], text.State);
        }
        lock (gate)
        {
            active -= ended.Count;
            figures = new BatchFigures
            {
                TokensProduced = reader.TokensProduced + rows.Tokens,
                TokensRead = reader.TokensRead,
                TokensCached = reader.TokensCached,
                Steps = rows.Steps,
                RememberedStates = remembered.Count,
                RememberedBytes = remembered.Bytes,
            };
            if (ended.Count > 0)
                woken = true; // for whoever waits for a slot
        }
        // Only now, so that who hears of an end finds the slot free.
        foreach (GenerationStream stream in ended)
            stream.End(OutcomeOf(stream.Text));
        ended.Clear();
    }

    private static GenerationOutcome OutcomeOf(SlotText text) => new(text.Ending!.Value, text.PrefixTokens, text.Remembered, text.Turn.Tokens)
    {
        PrefixTokensRead = Math.Max(0, text.Read - text.LineStarts),
        State = text.Request.ReturnState && (text.Read > 0 || text.Request.Start is not null || text.Turn.Tokens > 0) ? text.State : null,
        LastTokens = text.Request.ReturnState ? text.LastTokens() : [],
    };

    private void Sleep()
    {
        lock (gate)
            while (!woken)
                Monitor.Wait(gate);
    }

    private IEnumerable<GenerationStream> TakeAll()
    {
        GenerationStream[] waiting;
        lock (gate)
        {
            waiting = [.. queue];
            queue.Clear();
        }
        return [.. waiting, .. reader.Reading, .. rows.Rows, .. rows.Resting, .. ready, .. ended];
    }
}

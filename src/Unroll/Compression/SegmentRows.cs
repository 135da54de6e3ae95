// Segments side by side, each in a row of one predictor: a step costs one pass over the weights however many there are. Who is done
// gives its row to one that waits, or to the last. What a segment's bytes are does not depend on who is beside it.
using Unroll.Kernels;
using Unroll.Model;

namespace Unroll.Compression;

/// <summary>Gives segments what a model expects, token by token.</summary>
internal sealed class SegmentRows : IDisposable
{
    // Fewer rows than this are not worth a meeting of threads.
    private const int LeastShared = 8;

    // Tokens between reports.
    private const int Report = 1 << 14;

    private readonly Predictor predictor;
    private readonly bool adapts;
    private readonly Action<int> turns;
    private readonly (float[] LogProbabilities, uint[] Frequencies)[] rooms; // of every thread
    private readonly Segment[] rows;
    private readonly int[] inputs;
    private float[] logits = []; // [b, stride]
    private int active;

    /// <param name="model">The model.</param>
    /// <param name="rows">The most segments at a time; one, if it adapts.</param>
    /// <param name="threads">Threads; 0 = as many as the work is worth.</param>
    /// <param name="adapts">Whether the model learns from what it reads.</param>
    public SegmentRows(LanguageModel model, int rows, int threads, bool adapts)
    {
        predictor = Predictor.For(model, new EngineOptions { Rows = rows, Steps = 1, Threads = threads, ReadsAlong = adapts });
        this.adapts = adapts;
        int vocabularySize = model.Vocabulary.Count;
        rooms = [.. Enumerable.Range(0, predictor.Threads).Select(_ => (new float[vocabularySize], new uint[vocabularySize]))];
        (this.rows, inputs, turns) = (new Segment[rows], new int[rows], Turns);
    }

    /// <summary>The most segments at a time.</summary>
    public int Count => rows.Length;

    /// <summary>Begins another text: what an adapting model learnt from the one before is forgotten.</summary>
    public void Begin()
    {
        if (!adapts)
            return;
        predictor.ResetState();
        predictor.ParametersChanged();
    }

    /// <summary>Codes segments to their ends.</summary>
    /// <param name="segments">The segments. Where the model adapts they are one text's, one after another.</param>
    /// <param name="progress">Told, on the calling thread, how many tokens are done.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    public void Run(IEnumerable<Segment> segments, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using IEnumerator<Segment> waiting = segments.Where(segment => !segment.IsDone).GetEnumerator();
        long done = 0, told = 0;
        active = 0;
        while (active < rows.Length && Join(active, waiting))
            active++;
        while (active > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Step();
            done += active;
            for (int row = active - 1; row >= 0; row--)
                if (rows[row].IsDone && !Join(row, waiting))
                    Leave(row);
            if (done - told < Report)
                continue;
            told = done;
            progress?.Report(done);
        }
        progress?.Report(done);
    }

    /// <inheritdoc/>
    public void Dispose() => predictor.Dispose();

    private bool Join(int row, IEnumerator<Segment> waiting)
    {
        if (!waiting.MoveNext())
            return false;
        rows[row] = waiting.Current;
        if (!adapts)
            predictor.ResetState(row);
        return true;
    }

    private void Leave(int row)
    {
        active--;
        if (row < active)
            predictor.CopyState(active, row);
        rows[row] = rows[active];
    }

    private void Step()
    {
        for (int row = 0; row < active; row++)
            inputs[row] = rows[row].Last;
        ReadOnlySpan<float> predicted = predictor.Step(inputs.AsSpan(0, active));
        if (active < LeastShared || rooms.Length == 1)
        {
            for (int row = 0; row < active; row++)
                Turn(row, predicted, rooms[0]);
            return;
        }
        if (logits.Length < predicted.Length)
            logits = new float[predictor.LogitsStride * rows.Length];
        predicted.CopyTo(logits);
        predictor.Run(turns);
    }

    private void Turns(int thread)
    {
        (int start, int end) = Share.Of(active, rooms.Length, thread);
        for (int row = start; row < end; row++)
            Turn(row, logits, rooms[thread]);
    }

    private void Turn(int row, ReadOnlySpan<float> predicted, (float[] LogProbabilities, uint[] Frequencies) room)
    {
        predictor.LogProbabilities(predicted, row, room.LogProbabilities);
        rows[row].Turn(room.LogProbabilities, room.Frequencies);
    }
}

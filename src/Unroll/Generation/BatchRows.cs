// The streams that are producing, side by side in the first rows of one predictor: a step costs one pass over the weights however many
// there are. Who leaves gives its row to the last one: a copy of some kilobytes, once, where an empty row would cost its arithmetic
// at every step.
using Unroll.Model;

namespace Unroll.Generation;

/// <summary>Gives each of its streams a token at a time.</summary>
internal sealed class BatchRows : IDisposable
{
    // Fewer turns than this are not worth a meeting of threads.
    private const int LeastShared = 8;

    private readonly Predictor predictor;
    private readonly List<GenerationStream> rows = []; // those that go on
    private readonly List<GenerationStream> resting = []; // those whose readers are behind
    private readonly TurnRoom[] rooms; // of every thread
    private readonly Action<int> turns;
    private readonly int[] inputs;
    private float[] logits = []; // [b, stride]

    /// <param name="model">The model.</param>
    /// <param name="slots">The most streams.</param>
    /// <param name="threads">Threads; 0 = as many as the work is worth.</param>
    public BatchRows(LanguageModel model, int slots, int threads)
    {
        predictor = Predictor.For(model, new EngineOptions { Rows = slots, Steps = 1, Threads = threads });
        rooms = [.. Enumerable.Range(0, predictor.Threads).Select(_ => new TurnRoom(model.Vocabulary.Count))];
        (inputs, turns) = (new int[slots], Turns);
    }

    /// <summary>Streams whose turn is the next step.</summary>
    public IReadOnlyList<GenerationStream> Rows => rows;

    /// <summary>Streams that sit out.</summary>
    public IReadOnlyList<GenerationStream> Resting => resting;

    /// <summary>Tokens produced.</summary>
    public long Tokens { get; private set; }

    /// <summary>Steps made.</summary>
    public long Steps { get; private set; }

    /// <summary>Takes a stream in that has produced a token.</summary>
    public void Join(GenerationStream stream)
    {
        predictor.SetState(rows.Count, stream.Text.State);
        rows.Add(stream);
    }

    /// <summary>Lets those sit out whose readers are behind, and the others go on.</summary>
    public void Arrange()
    {
        for (int i = resting.Count - 1; i >= 0; i--)
        {
            if (resting[i].AwaitsReader && resting[i].Text.Ending is null)
                continue;
            Join(resting[i]);
            resting.RemoveAt(i);
        }
        for (int row = rows.Count - 1; row >= 0; row--)
        {
            GenerationStream stream = rows[row];
            if (stream.Text.Ending is not null || stream.Free > 0)
                continue;
            predictor.GetState(row, stream.Text.State);
            stream.AwaitReader();
            resting.Add(stream);
            Leave(row);
        }
    }

    /// <summary>Gives every stream a token; of one that is to end, reads the last.</summary>
    /// <returns>Whether there was anything to do.</returns>
    public bool Step()
    {
        if (rows.Count == 0)
            return false;
        for (int row = 0; row < rows.Count; row++)
            inputs[row] = rows[row].Text.Turn.Last;
        ReadOnlySpan<float> predicted = predictor.Step(inputs.AsSpan(0, rows.Count));
        if (logits.Length < predicted.Length)
            logits = new float[inputs.Length * predictor.LogitsStride];
        predicted.CopyTo(logits);
        Steps++;
        foreach (GenerationStream stream in rows)
        {
            if (stream.Text.Ending is null)
                Tokens++;
            else
                stream.Text.IsClosed = true;
        }
        if (rows.Count >= LeastShared)
            predictor.Run(turns);
        else
            Turns(0, 1);
        return true;
    }

    /// <summary>Lets those leave that have ended.</summary>
    /// <param name="ended">Where they are added.</param>
    public void Release(List<GenerationStream> ended)
    {
        for (int row = rows.Count - 1; row >= 0; row--)
        {
            SlotText text = rows[row].Text;
            if (text.Ending is null || text.Request.ReturnState && !text.IsClosed)
                continue;
            if (text.Request.ReturnState || text.IsRemembered)
                predictor.GetState(row, text.State);
            ended.Add(rows[row]);
            Leave(row);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => predictor.Dispose();

    private void Turns(int thread) => Turns(thread, rooms.Length);

    // A turn touches nothing but its own text, so threads share them.
    private void Turns(int thread, int threads)
    {
        for (int row = thread; row < rows.Count; row += threads)
            if (!rows[row].Text.IsClosed)
                rows[row].Text.Next(predictor, logits, row, rooms[thread], rows[row]);
    }

    private void Leave(int row)
    {
        int last = rows.Count - 1;
        if (row < last)
            predictor.CopyState(last, row);
        rows[row] = rows[last];
        rows.RemoveAt(last);
    }
}

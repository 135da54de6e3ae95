// The streams that are producing, side by side in the first rows of one predictor: a step costs one pass over the weights however many
// there are. Who leaves gives its row to the last one.
using Unroll.Model;

namespace Unroll.Generation;

/// <summary>Gives each of its streams a token at a time.</summary>
/// <param name="model">The model.</param>
/// <param name="slots">The most streams.</param>
/// <param name="threads">Threads; 0 = as many as the work is worth.</param>
internal sealed class BatchRows(LanguageModel model, int slots, int threads) : IDisposable
{
    private readonly Predictor predictor = Predictor.For(model, new EngineOptions { Rows = slots, Steps = 1, Threads = threads });
    private readonly List<GenerationStream> rows = []; // those that go on
    private readonly List<GenerationStream> resting = []; // those whose readers are behind
    private readonly int[] inputs = new int[slots];

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
        ReadOnlySpan<float> logits = predictor.Step(inputs.AsSpan(0, rows.Count));
        Steps++;
        for (int row = 0; row < rows.Count; row++)
        {
            SlotText text = rows[row].Text;
            if (text.Ending is not null)
            {
                text.IsClosed = true;
                continue;
            }
            text.Next(predictor, logits, row, rows[row]);
            Tokens++;
        }
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

    private void Leave(int row)
    {
        int last = rows.Count - 1;
        if (row < last)
            predictor.CopyState(last, row);
        rows[row] = rows[last];
        rows.RemoveAt(last);
    }
}

// What rows carry from call to call. After a call the planes of its shape hold it, where the next call of that shape finds it; only
// when somebody else needs it is it copied out.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The states of an engine's rows between calls.</summary>
internal sealed class CarriedStates : IDisposable
{
    private readonly Matrix[][] states; // [layer][state]: [B, H]
    private readonly NgramContexts? contexts;
    private readonly int vocabularySize;
    private readonly List<IDisposable> owned = [];
    private Window? holder; // whose planes hold the states of its rows: the last call's, until somebody else needs them

    /// <param name="model">The model.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="rows">B.</param>
    /// <param name="contexts">The last tokens of rows, where the model looks n-grams up.</param>
    public CarriedStates(LanguageModel model, RecurrentLayer[] layers, int rows, NgramContexts? contexts)
    {
        states = [.. layers.Select(layer => layer.Shape.States.Select(_ => Matrix.Allocate(rows, model.Options.HiddenSize, owned)).ToArray())];
        (vocabularySize, this.contexts) = (model.Vocabulary.Count, contexts);
    }

    /// <summary>The hidden vectors of the last layer, [B, H]; valid after <see cref="Collect"/>.</summary>
    public Matrix Top => states[^1][0];

    /// <summary>Whether a call's planes must be filled in before its first step.</summary>
    public bool ComeIn { get; private set; }

    /// <summary>Begins a call; should it fail, the states are what they are.</summary>
    public void Begin(Window window)
    {
        ComeIn = holder != window;
        if (ComeIn)
            Collect();
        holder = null;
    }

    /// <summary>Ends a call.</summary>
    public void End(Window window) => holder = window;

    /// <summary>Copies the states of a member's share of rows to where its planes have them before the first step.</summary>
    public void CarryIn(RowGroup group, int member)
    {
        (int start, int end) = Share.Of(group.Rows, group.Threads.Members, member);
        for (int layer = 0; layer < states.Length; layer++)
            for (int i = 0; i < states[layer].Length; i++)
                for (int row = start; row < end; row++)
                    states[layer][i].RowSpan(group.FirstRow + row).CopyTo(group.Planes[layer].State(i).RowSpan(row));
    }

    /// <summary>Makes the state after the last step the one that the planes have before the first, in a member's share of rows.</summary>
    /// <param name="tokens">The call's tokens, as rows lie in planes.</param>
    public void Advance(ReadOnlySpan<int> tokens, Window window, RowGroup group, int member)
    {
        (int start, int end) = Share.Of(group.Rows, group.Threads.Members, member);
        for (int layer = 0; layer < states.Length; layer++)
            for (int i = 0; i < states[layer].Length; i++)
            {
                Matrix plane = group.Planes[layer].State(i);
                int last = group.Planes[layer].FirstRow(plane, window.Steps);
                for (int row = start; last > 0 && row < end; row++)
                    plane.RowSpan(last + row).CopyTo(plane.RowSpan(row));
            }
        contexts?.Advance(tokens, window, group, start, end);
    }

    /// <summary>Copies what the planes of the last call hold to where calls of every shape start from.</summary>
    public void Collect()
    {
        if (holder is null)
            return;
        foreach (RowGroup group in holder.Groups)
            for (int layer = 0; layer < states.Length; layer++)
                for (int i = 0; i < states[layer].Length; i++)
                    for (int row = 0; row < group.Rows; row++)
                        group.Planes[layer].State(i).RowSpan(row).CopyTo(states[layer][i].RowSpan(group.FirstRow + row));
        holder = null;
    }

    /// <summary>Makes a row one that has read nothing.</summary>
    public void Reset(int row)
    {
        Collect();
        foreach (Matrix[] layer in states)
            foreach (Matrix state in layer)
                state.RowSpan(row).Clear();
        contexts?.Last(row).Fill(NgramContexts.None);
    }

    /// <summary>Copies a row's state out.</summary>
    public void Get(int row, RecurrentState state, int stateRow)
    {
        Check(state);
        for (int layer = 0; layer < states.Length; layer++)
            for (int i = 0; i < states[layer].Length; i++)
                states[layer][i].RowSpan(row).CopyTo(state.Row(i, layer, stateRow));
        if (contexts is null)
            return;
        for (int back = 0; back < contexts.Order; back++)
            state.LastTokens(stateRow)[back] = contexts.Last(row)[back];
    }

    /// <summary>Sets a row's state.</summary>
    public void Set(int row, RecurrentState state, int stateRow)
    {
        Check(state);
        for (int layer = 0; layer < states.Length; layer++)
            for (int i = 0; i < states[layer].Length; i++)
                state.Row(i, layer, stateRow).CopyTo(states[layer][i].RowSpan(row));
        for (int back = 0; back < state.Reach; back++)
            contexts!.Last(row)[back] = Token(state.LastTokens(stateRow)[back]);
    }

    /// <summary>Copies a row's state into another row, where the last call left both.</summary>
    public void Copy(int from, int to)
    {
        if (holder is null || Math.Max(from, to) >= holder.Rows)
            Collect();
        for (int layer = 0; layer < states.Length; layer++)
            for (int i = 0; i < states[layer].Length; i++)
                Place(layer, i, from).CopyTo(Place(layer, i, to));
        contexts?.Last(from).CopyTo(contexts.Last(to));
    }

    // Where a row's state lies now.
    private Span<float> Place(int layer, int state, int row)
    {
        foreach (RowGroup group in holder is null ? [] : holder.Groups)
            if (row < group.FirstRow + group.Rows)
                return group.Planes[layer].State(state).RowSpan(row - group.FirstRow);
        return states[layer][state].RowSpan(row);
    }

    public void Dispose() => owned.ForEach(item => item.Dispose());

    // A state may come from a file, whose numbers may be any.
    private int Token(float number) => number >= 0 && number < vocabularySize && number == (int)number ? (int)number : NgramContexts.None;

    /// <summary>Refuses a state of another shape.</summary>
    public void Check(RecurrentState state)
    {
        Collect();
        if (state.Members.Count != 1 || state.Layers != states.Length || state.HiddenSize != states[0][0].Columns || state.Kinds != states[0].Length
            || state.Reach != (contexts?.Order ?? 0))
            throw RecurrentState.OfAnotherShape(nameof(state));
    }
}

using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The order of a minibatch's sums (see <see cref="SumOrder"/>), and the same for planes that also hold the state before
/// the window.</summary>
internal sealed class StepOrder
{
    /// <param name="window">Where rows lie.</param>
    /// <param name="share">Whose rows of the minibatch they are.</param>
    public StepOrder(Window window, BatchShare share)
    {
        int shards = share.Shards;
        Sums = new SumOrder(share, window.Steps, window.RowOf);
        var states = new SumOrder(share, window.Steps + 1, window.StateRowOf);
        StateRows = states.Rows.ToArray();
        Starts = [.. Enumerable.Range(0, shards).Select(shard => Sums[shard].Start)];
        StartsOfStatesBefore = [.. Enumerable.Range(0, shards).Select(shard => states[shard].Start)];
        StartsOfStatesAfter = [.. Enumerable.Range(0, shards).Select(shard =>
        {
            (int first, int end) = share.RowsOfShard(shard);
            return states[shard].Start + end - first;
        })];
    }

    /// <summary>The rows of planes of all steps.</summary>
    public SumOrder Sums { get; }

    /// <summary>Where each shard's rows begin among them.</summary>
    public int[] Starts { get; }

    /// <summary>The rows of planes of T + 1 states: each shard's state before the window, then after each step.</summary>
    public int[] StateRows { get; }

    /// <summary>Where each shard's T states before a step begin among them.</summary>
    public int[] StartsOfStatesBefore { get; }

    /// <summary>The states before each step, in the order of <see cref="Sums"/>, of rows that may begin a document there: then it is the
    /// row of zeros.</summary>
    /// <param name="inputs">What the rows read, as they lie in planes.</param>
    /// <param name="end">The token that ends a document.</param>
    /// <param name="zeros">The row of zeros.</param>
    /// <param name="into">[T·B]</param>
    public void StatesBefore(ReadOnlySpan<int> inputs, int end, int zeros, Span<int> into)
    {
        for (int shard = 0; shard < Starts.Length; shard++)
        {
            int first = Starts[shard], last = shard + 1 < Starts.Length ? Starts[shard + 1] : into.Length;
            for (int i = first; i < last; i++)
                into[i] = inputs[Sums.Rows[i]] == end ? zeros : StateRows[StartsOfStatesBefore[shard] + i - first];
        }
    }

    /// <summary>Where each shard's T states after a step begin.</summary>
    public int[] StartsOfStatesAfter { get; }
}

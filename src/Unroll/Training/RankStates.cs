// What a run under way is, where ranks share it: the first one reads and writes the file, and each carries the states of its own rows.
using System.Runtime.InteropServices;
using Unroll.Kernels;
using Unroll.Model;
using Unroll.Options;
using Unroll.Ranks;

namespace Unroll.Training;

/// <summary>Divides a run's state among ranks and puts it together again. Without ranks all of it is one process's.</summary>
internal static class RankStates
{
    /// <summary>Gives all ranks what the first one has read of the run to go on with.</summary>
    /// <param name="ranks">The ranks, or null.</param>
    /// <param name="state">Where the run stands; read at the first rank.</param>
    /// <param name="optimizer">Gets its running products.</param>
    /// <param name="average">The average of weights, or null.</param>
    /// <param name="arrays">Everything else, in the same order on every rank.</param>
    /// <returns>Where the run stands.</returns>
    public static RunState Resume(RankGroup? ranks, RunState state, Optimizer optimizer, WeightAverage? average, IReadOnlyList<float[]> arrays)
    {
        if (ranks is null)
            return state;
        string json = ranks.Decide(OptionsWriter.Write(state, RunState.Pass));
        if (!ranks.IsFirst())
            state = OptionsReader.Read<RunState>(json, RunState.Pass);
        foreach (float[] values in arrays)
            ranks.Decide(values.AsSpan());
        if (average is not null && state.Averaged > 0)
        {
            average.Samples = state.Averaged;
            ranks.Decide(average.Model.Parameters.Values);
        }
        optimizer.Powers = (state.Beta1Power, state.Beta2Power);
        return state;
    }

    /// <summary>Gives all ranks a network that is finished.</summary>
    /// <param name="ranks">The ranks, or null.</param>
    /// <param name="network">The network; its parameters are read at the first rank.</param>
    /// <param name="summary">What the first rank's file says of it.</param>
    /// <returns>What the file says of it.</returns>
    public static TrainingSummary Finished(RankGroup? ranks, LanguageModel network, TrainingSummary? summary)
    {
        ranks.Decide(network.Parameters.Values);
        string json = ranks.Decide(ranks is null || summary is null ? "" : OptionsWriter.Write(summary, TrainingSummary.Pass));
        return summary ?? OptionsReader.Read<TrainingSummary>(json, TrainingSummary.Pass);
    }

    /// <summary>Gives an engine the states of its rows.</summary>
    /// <param name="all">Of the whole minibatch.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="share">Which rows it has.</param>
    public static void Give(RecurrentState all, Engine engine, BatchShare share)
    {
        for (int row = 0; row < share.Rows; row++)
            engine.SetState(row, all, share.FirstRow + row);
    }

    /// <summary>Collects the states of all rows; every rank gets them.</summary>
    /// <inheritdoc cref="Give"/>
    public static void Gather(Engine engine, RecurrentState all, BatchShare share, RankGroup? ranks)
    {
        for (int row = 0; row < share.Rows; row++)
            engine.GetState(row, all, share.FirstRow + row);
        if (ranks is null)
            return;
        foreach ((_, float[] values) in all.Arrays)
        {
            int length = values.Length / share.Batch;
            float[] own = values[(share.FirstRow * length)..((share.FirstRow + share.Rows) * length)];
            int[] counts = [.. Enumerable.Range(0, share.Ranks).Select(rank => share.RowsOf(rank) * length * sizeof(float))];
            ranks.Gather(MemoryMarshal.AsBytes(own.AsSpan()), MemoryMarshal.AsBytes(values.AsSpan()), counts);
        }
    }
}

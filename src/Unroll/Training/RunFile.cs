// A run under way and the file it is kept in. The file's model is always the one the run would end with if it ended now:
// the best on the validation text or, before there is one, the latest. What the run needs beside it to go on goes under
// "training." in the same file.
using System.Text.Json;
using Unroll.Options;

namespace Unroll.Training;

/// <summary>Writes and reads the state of a run.</summary>
/// <param name="place">Where the run is kept.</param>
/// <param name="current">The model that learns.</param>
/// <param name="kept">The best model on the validation text so far; before there is one, the last good one.</param>
/// <param name="average">The average of its weights, or null.</param>
/// <param name="optimizer">The rule of updates.</param>
/// <param name="moments">What it remembers of parameters that every minibatch touches.</param>
/// <param name="tables">What it remembers of the tables by n-gram.</param>
/// <param name="carried">The state that the next minibatch starts from.</param>
internal sealed class RunFile(
    RunPlace place, LanguageModel current, LanguageModel kept, WeightAverage? average, Optimizer optimizer, IReadOnlyList<float[]> moments,
    IReadOnlyList<(string Name, float[] Values)> tables, RecurrentState carried)
{
    /// <summary>Saves a run under way.</summary>
    public void Save(RunState state, TrainingSummary summary)
    {
        (state.Beta1Power, state.Beta2Power) = optimizer.Powers;
        state.Averaged = average?.Samples ?? 0;
        LanguageModel result = ResultOf(state);
        var tensors = new Dictionary<string, float[]>();
        foreach ((string name, LanguageModel model) in Models(state).Where(named => named.Model != result))
            tensors[name] = model.Parameters.Storage;
        foreach ((string name, float[] values) in optimizer.Moments.Zip(moments).Concat(tables).Concat(carried.Arrays))
            tensors[name] = values;
        string json = OptionsWriter.Write(state, RunState.Pass);
        place.Write(new Checkpoint(result, summary, new TrainingSnapshot(json, tensors)));
    }

    /// <summary>About how many seconds it takes to write a finished model, before a save has shown it.</summary>
    public static double SaveSeconds(LanguageModel model) => 0.05 + sizeof(float) * model.Parameters.Count / 200e6;

    /// <summary>Saves a finished model: nothing of the run's state is left in the file.</summary>
    public void SaveFinished(LanguageModel model, TrainingSummary summary) => place.Write(new Checkpoint(model, summary));

    /// <summary>Takes up a run: fills the models, the moments and the carried state.</summary>
    /// <exception cref="UnrollException">The file's state is not whole.</exception>
    public RunState Restore(Checkpoint checkpoint)
    {
        TrainingSnapshot snapshot = checkpoint.Training!;
        RunState state = ReadState(snapshot.Json);
        if (state.Averaged > 0)
            (average ?? throw Damaged()).Samples = state.Averaged;
        LanguageModel result = ResultOf(state);
        foreach ((string name, LanguageModel model) in Models(state))
            Copy(model == result ? checkpoint.Model.Parameters.Storage : Tensor(name), model.Parameters.Values);
        foreach ((string name, float[] values) in optimizer.Moments.Zip(moments).Concat(tables).Concat(carried.Arrays))
            Copy(Tensor(name), values);
        optimizer.Powers = (state.Beta1Power, state.Beta2Power);
        return state;

        float[] Tensor(string name) => snapshot.Tensors.TryGetValue(name, out float[]? values) ? values : throw Damaged();

        void Copy(ReadOnlySpan<float> from, Span<float> to)
        {
            if (from.Length != to.Length)
                throw Damaged();
            from.CopyTo(to);
        }
    }

    // The models of the run, under the names that files give to those that are not the file's own.
    private IEnumerable<(string Name, LanguageModel Model)> Models(RunState state)
    {
        yield return ("parameters", current);
        yield return ("kept", kept);
        if (state.Averaged > 0)
            yield return ("average", average!.Model);
    }

    // What the run would end with if it ended now.
    private LanguageModel ResultOf(RunState state) =>
        state.BestValidationLoss is not null ? kept : state.Averaged > 0 ? average!.Model : current;

    private RunState ReadState(string json)
    {
        try
        {
            RunState state = OptionsReader.Read<RunState>(json, RunState.Pass);
            bool sane = state is { Epoch: >= 0, Minibatch: >= 0, Updates: >= 1, MeasuredAt: >= 0, Rollbacks: >= 0 and <= 30, Averaged: >= 0, Seconds: >= 0 }
                && state.MeasuredAt <= state.Updates && (state.Pace is null || Pace.Parse(state.Pace) is not null);
            return sane ? state : throw Damaged();
        }
        catch (JsonException)
        {
            throw Damaged();
        }
    }

    private UnrollException Damaged() => Damaged(place.Path);

    /// <summary>Tells that a file's state is not whole.</summary>
    public static UnrollException Damaged(string path) =>
        new($"The state of the run in '{path}' is damaged and cannot be resumed; run without {new PropertyName(nameof(RunOptions.Resume))} to start over.");
}

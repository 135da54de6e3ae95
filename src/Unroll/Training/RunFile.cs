// A run under way and the file it is kept in. The file's model is always the one the run would end with if it ended now:
// the best on the validation text or, before there is one, the latest. What the run needs beside it to go on goes under
// "training." in the same file.
using System.Text.Json;
using Unroll.Options;

namespace Unroll.Training;

/// <summary>Writes and reads the state of a run.</summary>
/// <param name="path">The file.</param>
/// <param name="current">The model that learns.</param>
/// <param name="kept">The best model on the validation text so far; before there is one, the last good one.</param>
/// <param name="optimizer">The rule of updates.</param>
/// <param name="moments">What it remembers of parameters that every minibatch touches.</param>
/// <param name="tables">What it remembers of the tables by n-gram.</param>
/// <param name="carried">The state that the next minibatch starts from.</param>
/// <param name="beforeFirstWrite">Called once, before the file is written for the first time.</param>
internal sealed class RunFile(
    string path, LanguageModel current, LanguageModel kept, Optimizer optimizer, IReadOnlyList<float[]> moments,
    IReadOnlyList<(string Name, float[] Values)> tables, RecurrentState carried,
    Action? beforeFirstWrite)
{
    private const string CurrentParameters = "parameters";
    private const string KeptParameters = "kept";

    /// <summary>Saves a run under way.</summary>
    public void Save(RunState state, TrainingSummary summary)
    {
        (state.Beta1Power, state.Beta2Power) = optimizer.Powers;
        bool hasBest = state.BestValidationLoss is not null;
        var tensors = new Dictionary<string, float[]>();
        tensors[hasBest ? CurrentParameters : KeptParameters] = (hasBest ? current : kept).Parameters.Storage;
        foreach ((string name, float[] values) in optimizer.Moments.Zip(moments).Concat(tables).Concat(carried.Arrays))
            tensors[name] = values;
        string json = OptionsWriter.Write(state, RunState.Pass);
        Write(new Checkpoint(hasBest ? kept : current, summary, new TrainingSnapshot(json, tensors)));
    }

    /// <summary>About how many seconds it takes to write a finished model, before a save has shown it.</summary>
    public static double SaveSeconds(LanguageModel model) => 0.05 + sizeof(float) * model.Parameters.Count / 200e6;

    /// <summary>Saves a finished model: nothing of the run's state is left in the file.</summary>
    public void SaveFinished(LanguageModel model, TrainingSummary summary) => Write(new Checkpoint(model, summary));

    /// <summary>Takes up a run: fills the models, the moments and the carried state.</summary>
    /// <exception cref="UnrollException">The file's state is not whole.</exception>
    public RunState Restore(Checkpoint checkpoint)
    {
        TrainingSnapshot snapshot = checkpoint.Training!;
        RunState state = ReadState(snapshot.Json);
        bool hasBest = state.BestValidationLoss is not null;
        Copy(hasBest ? checkpoint.Model.Parameters.Storage : Tensor(KeptParameters), kept.Parameters.Values);
        Copy(hasBest ? Tensor(CurrentParameters) : checkpoint.Model.Parameters.Storage, current.Parameters.Values);
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

    private void Write(Checkpoint checkpoint)
    {
        beforeFirstWrite?.Invoke();
        beforeFirstWrite = null;
        Checkpoint.Write(path, checkpoint);
    }

    private RunState ReadState(string json)
    {
        try
        {
            RunState state = OptionsReader.Read<RunState>(json, RunState.Pass);
            bool sane = state is { Epoch: >= 0, Minibatch: >= 0, Updates: >= 1, MeasuredAt: >= 0, Rollbacks: >= 0 and <= 30, Seconds: >= 0 }
                && state.MeasuredAt <= state.Updates && (state.Pace is null || Pace.Parse(state.Pace) is not null);
            return sane ? state : throw Damaged();
        }
        catch (JsonException)
        {
            throw Damaged();
        }
    }

    private UnrollException Damaged() =>
        new($"The state of the run in '{path}' is damaged and cannot be resumed; run without {new PropertyName(nameof(RunOptions.Resume))} to start over.");
}

// What a run takes, so that it can be said, and compared with what there is, before anything is allocated.
using Unroll.Model;

namespace Unroll.Training;

/// <summary>The memory of a run.</summary>
internal static class RunMemory
{
    /// <summary>The engine that trains.</summary>
    public static EngineOptions Trains(TrainingOptions options, RunOptions run) => new()
    {
        Rows = options.Batch,
        Steps = options.SequenceLength,
        Threads = run.Threads,
        Training = new EngineTraining
        {
            Dropout = options.Dropout,
            DropoutMask = options.DropoutMask,
            InputDropout = options.InputDropout,
            StateDropout = options.StateDropout,
            NgramDropout = options.NgramDropout,
            ActivationPenalty = options.ActivationPenalty,
            ChangePenalty = options.ChangePenalty,
            Shards = options.Shards,
            Moments = new Optimizer(options).Moments.Count,
        },
    };

    /// <summary>Bytes of a run: the model that learns, its gradients, states and moments; the model that is kept; the average of
    /// weights, if there is one; and an engine to validate with. The texts' ids come on top where they are in memory.</summary>
    /// <param name="model">The model's shape.</param>
    /// <param name="vocabularySize">V.</param>
    /// <param name="options">How it learns.</param>
    /// <param name="run">What the run may use.</param>
    /// <param name="validation">Tokens of the validation text; 0 = there is none.</param>
    public static long Bytes(ModelOptions model, int vocabularySize, TrainingOptions options, RunOptions run, long validation)
    {
        long engine = EngineMemory.Bytes(model, vocabularySize, Trains(options, run));
        long kept = sizeof(float) * Parameters.Layout(model, vocabularySize).Sum(tensor => tensor.Count);
        long average = options.TailAverage > 0 ? kept : 0;
        return checked(engine + kept + average + (validation > 0 ? EngineMemory.Bytes(model, vocabularySize, ValidationScorer.EngineOptions(validation, run.Threads)) - kept : 0));
    }

    /// <summary>Bytes of a run of several networks: those of each alone; what of each is ready to be saved; and an engine for each to
    /// validate their mixture with.</summary>
    public static long Bytes(IReadOnlyList<ModelOptions> networks, int vocabularySize, TrainingOptions options, RunOptions run, long validation)
    {
        long alone = networks.Sum(network => Bytes(network, vocabularySize, options, run, validation));
        if (networks.Count == 1)
            return alone;
        long parameters = networks.Sum(network => Parameters.Layout(network, vocabularySize).Sum(tensor => tensor.Count));
        long mixture = validation == 0 ? 0
            : networks.Sum(network => EngineMemory.Bytes(network, vocabularySize, ValidationScorer.EngineOptions(validation, run.Threads)));
        return checked(alone + mixture + sizeof(float) * parameters * (2 + new Optimizer(options).Moments.Count));
    }

    /// <summary>Checks that the machine has as much.</summary>
    /// <exception cref="UnrollException">It has not; the message says both.</exception>
    public static void Check(IReadOnlyList<ModelOptions> networks, int vocabularySize, TrainingOptions options, RunOptions run, long validation) =>
        EngineMemory.Check(() => Bytes(networks, vocabularySize, options, run, validation));
}

// What a run takes, so that it can be said, and compared with what there is, before anything is allocated.
using Unroll.Kernels;
using Unroll.Model;

namespace Unroll.Training;

/// <summary>The memory of a run.</summary>
internal static class RunMemory
{
    /// <summary>The engine that trains.</summary>
    public static EngineOptions Trains(TrainingOptions options, RunOptions run) => new()
    {
        Rows = Share(options, run).Rows,
        Steps = options.SequenceLength,
        Threads = run.Threads,
        Training = new EngineTraining
        {
            Dropout = options.Dropout,
            DropoutMask = options.DropoutMask,
            InputDropout = options.InputDropout,
            StateDropout = options.StateDropout,
            NgramDropout = options.NgramDropout,
            SoftmaxSample = options.SoftmaxSample,
            ActivationPenalty = options.ActivationPenalty,
            ChangePenalty = options.ChangePenalty,
            Shards = options.Shards,
            Moments = new Optimizer(options).Moments.Count,
            Batch = options.Batch,
            Ranks = run.Ranks,
        },
    };

    /// <summary>Which of every minibatch's rows are this process's.</summary>
    public static BatchShare Share(TrainingOptions options, RunOptions run) =>
        new(options.Batch, options.Shards, run.Ranks?.Rank ?? 0, run.Ranks?.Count ?? 1);

    /// <summary>Bytes of a run. The texts' ids come on top where they are in memory.</summary>
    /// <param name="model">The model that learns, with its vectors by n-gram.</param>
    /// <param name="options">How it learns.</param>
    /// <param name="run">What the run may use.</param>
    /// <param name="validation">Tokens of the validation text; 0 = there is none.</param>
    public static long Bytes(LanguageModel model, TrainingOptions options, RunOptions run, long validation) =>
        (model.Memory?.Bytes ?? 0) + Bytes([.. model.Members.Select(member => (member.Options, member.Ngrams))], model.Vocabulary.Count, options, run, validation);

    /// <summary>Checks that the machine has as much as a run takes, before its models are there: without vectors by n-gram, which the
    /// text decides upon.</summary>
    /// <exception cref="UnrollException">It has not; the message says both.</exception>
    public static void Check(IReadOnlyList<ModelOptions> networks, int vocabularySize, TrainingOptions options, RunOptions run, long validation) =>
        EngineMemory.Check(() => Bytes([.. networks.Select(network => (network, (NgramIndex?)null))], vocabularySize, options, run, validation));

    // Of each network what it takes alone; of several besides what of each is ready to be saved, and an engine for each to validate
    // their mixture with; and two memories of counts, of the text without what is held back and with it.
    private static long Bytes(
        IReadOnlyList<(ModelOptions Options, NgramIndex? Ngrams)> networks, int vocabularySize, TrainingOptions options, RunOptions run, long validation)
    {
        const long CountBytes = 100, CountBytesOfMany = 200; // for each token that is counted; 200 where there are many different ones
        checked
        {
            long all = 2 * options.MemoryTokens * (RunAdvice.AreMany(vocabularySize) ? CountBytesOfMany : CountBytes);
            foreach ((ModelOptions network, NgramIndex? ngrams) in networks)
            {
                long scoring = validation == 0 ? 0 : EngineMemory.Bytes(network, vocabularySize, ValidationScorer.EngineOptions(validation, run.Threads), ngrams);
                long parameters = Parameters.Layout(network, vocabularySize, ngrams).Sum(tensor => tensor.Count), kept = sizeof(float) * parameters;
                // The model that learns, its gradients, states and moments; the model that is kept, which validation reads; the average.
                all += EngineMemory.Bytes(network, vocabularySize, Trains(options, run), ngrams) + Math.Max(kept, scoring) + (options.TailAverage > 0 ? kept : 0);
                if (networks.Count > 1)
                    all += scoring + sizeof(float) * parameters * (2 + new Optimizer(options).Moments.Count);
            }
            return all;
        }
    }
}

using Unroll.Cli.Output;
using Unroll.Data.Tokens;

namespace Unroll.Cli.Arguments;

/// <summary>Options records as a person would say them.</summary>
internal static class Words
{
    private static readonly TrainingOptions Defaults = new();

    /// <summary>Such as "LSTM, 2 layers of 512 units, embedding of 64".</summary>
    /// <param name="options">The network's.</param>
    /// <param name="fromRandom">Whether it is known to have begun, or to begin, with the random weights that they name.</param>
    public static string Model(ModelOptions options, bool fromRandom)
    {
        string cell = options.Cell switch
        {
            CellKind.Rnn => $"RNN ({options.Activation.ToString().ToLowerInvariant()})",
            CellKind.Gru => $"GRU (reset {options.ResetGate.ToString().ToLowerInvariant()} the product)",
            _ => options.Cell.ToString().ToUpperInvariant(),
        };
        return $"{cell}, {Many(options.Layers, "layer")} of {options.HiddenSize} units, "
            + (options.EmbeddingSize > 0 ? $"embedding of {options.EmbeddingSize}" : "one-hot input")
            + (options.TieWeights ? ", tied weights" : "")
            + (options.AdaptiveSoftmax > 0 ? $", adaptive softmax with a head of {Figures.Count(options.AdaptiveSoftmax)}" : "")
            + (fromRandom ? $", {options.Initialization.ToString().ToLowerInvariant()} initial weights" : "")
            + $", {options.Biases.ToString().ToLowerInvariant()} bias{(options.Biases == Biases.Two ? "es" : "")} a gate"
            + (fromRandom && options.ForgetBias != 0 && options.Cell is CellKind.Lstm or CellKind.Cifg ? $", forget bias {Value.Text(options.ForgetBias)}" : "");
    }

    /// <summary>What precedes a network's description where there are several alike: such as "the mean of 3 networks, each ".</summary>
    public static string Networks(int count) => count == 1 ? "" : $"the mean of {count} networks, each ";

    /// <summary>Why a run that was fitted to a text is as it is, in one line.</summary>
    public static string Chosen(int members, double passes, TrainingOptions options, int threads)
    {
        string time = Within(options, threads), reads = Reads(passes);
        return (members == 1
            ? $"one network of this size can {reads} {time}; a larger one would see too little of it"
            : $"{members} networks of this size can each {reads} {time}; fewer would read it so often that they knew it by heart")
            + (options.MemoryTokens > 0 ? "; a memory of counts predicts beside " + (members == 1 ? "it" : "them") : "");
    }

    /// <summary>Why a run with which a model goes on is as it is, in one line.</summary>
    public static string GoesOn(double passes, TrainingOptions options, int threads) =>
        $"the model, which goes on at a part of a beginner's learning rate, can {Reads(passes)} {Within(options, threads)}"
        + (options.MemoryTokens > 0 ? "; a memory of counts predicts beside it" : "");

    private static string Within(TrainingOptions options, int threads) =>
        options.Budget is TimeSpan budget ? $"in {Value.Text(budget)} of {Device.Threads(threads)}" : "in some minutes of two cores";

    private static string Reads(double passes) => FormattableString.Invariant($"read the text about {passes:0.#} times");

    /// <summary>Such as "2-layer LSTM, 512 units".</summary>
    public static string Briefly(ModelOptions options) =>
        $"{(options.Layers > 1 ? $"{options.Layers}-layer " : "")}{options.Cell.ToString().ToUpperInvariant()}, {options.HiddenSize} units";

    /// <summary>What the tokens are, in the plural.</summary>
    public static string Tokens(TextOptions options) => Tokenization.Of(options).Plural;

    /// <summary>Such as "characters, the textbook's cleaning".</summary>
    public static string Text(TextOptions options) => Tokens(options)
        + (options.Clean == Cleaning.Textbook ? ", the textbook's cleaning" : "")
        + options.Documents switch { DocumentKind.Line => ", every line a document", DocumentKind.File => ", every file a document", _ => "" };

    /// <summary>Such as ", the first 10,000, the last 10 % for validation"; empty for all of a text.</summary>
    public static string Part(CorpusOptions options) =>
        (options.MaxTokens > 0 ? $", the first {Figures.Count(options.MaxTokens)}" : "")
        + (options.VocabularySize is int size ? $", a vocabulary of at most {Figures.Count(size)}" : "")
        + (options.MinCount > 1 ? $", seen at least {options.MinCount} times" : "")
        + (options.Validation > 0 ? $", the last {Figures.Percent(options.Validation)} for validation" : "");

    /// <summary>Such as "adam, learning rate 0.002, 20 epochs of 32×64 windows".</summary>
    public static string Training(TrainingOptions options)
    {
        string length = options.Updates > 0 ? Many(options.Updates, "update")
            : options.Budget is TimeSpan budget ? Value.Text(budget) : Many(options.Epochs, "epoch");
        length += options.Pace == null ? "" : " (as a run with a time budget planned them)";
        string rate = options.Schedule switch
        {
            Schedule.Constant => "",
            Schedule.Plateau => $" times {Value.Text(options.PlateauFactor)} after {Many(options.PlateauPatience, "measurement")} without progress",
            Schedule.Power => $" falling as a power of {Value.Text(options.SchedulePower)}",
            Schedule.Linear => " falling along a line",
            _ => $" falling along a {options.Schedule.ToString().ToLowerInvariant()}",
        };
        if (options.Cooldown < 1)
            rate += $" over the last {Figures.Percent(options.Cooldown)}";
        string rule = options.Optimizer.ToString().ToLowerInvariant()
            + (options.Momentum > 0 ? $" with momentum {Value.Text(options.Momentum)}" : "")
            + (options.Optimizer != OptimizerKind.Sgd && (options.Beta1, options.Beta2) != (Defaults.Beta1, Defaults.Beta2)
                ? $" (β {Value.Text(options.Beta1)}, {Value.Text(options.Beta2)})" : "");
        return $"{length} of {options.Batch}×{options.SequenceLength} windows ({options.WindowOrder.ToString().ToLowerInvariant()}), "
            + $"{rule}, learning rate {Value.Text(options.LearningRate)}{rate}"
            + (options.Warmup > 0 ? $" after a warm-up of {Many(options.Warmup, "update")}" : "")
            + (options.Clip > 0 ? $", clipping {(options.ClipBy == ClipKind.Value ? "elements " : "")}at {Value.Text(options.Clip)}" : ", no clipping")
            + (options.WeightDecay > 0 ? $", weight decay {Value.Text(options.WeightDecay)}" : "")
            + (options.TailAverage > 0 ? $", weights averaged over the last {Figures.Percent(options.TailAverage)}" : "")
            + (options.Dropout > 0 ? $", {(options.DropoutMask == DropoutMask.Locked ? "locked " : "")}dropout {Value.Text(options.Dropout)}" : "")
            + (options.InputDropout > 0 ? $", {(options.DropoutMask == DropoutMask.Locked ? "locked " : "")}input dropout {Value.Text(options.InputDropout)}" : "")
            + (options.StateDropout > 0 ? $", state dropout {Value.Text(options.StateDropout)}" : "")
            + (options.SoftmaxSample > 0 ? $", softmax over the window and a sample of {Figures.Count(options.SoftmaxSample)}" : "")
            + (options.ActivationPenalty > 0 ? $", activation penalty {Value.Text(options.ActivationPenalty)}" : "")
            + (options.ChangePenalty > 0 ? $", change penalty {Value.Text(options.ChangePenalty)}" : "")
            + (options.Measurements > 0 ? $", measured {options.Measurements} times" : "")
            + (options.Patience > 0 ? $", until {Many(options.Patience, "measurement")} in a row {(options.Patience == 1 ? "is" : "are")} no better" : "")
            + (options.Shards > 1 ? $", {options.Shards} shards" : "")
            + $", seed {options.Seed}";
    }

    private static string Many(long count, string thing) => $"{Figures.Count(count)} {thing}{(count == 1 ? "" : "s")}";
}

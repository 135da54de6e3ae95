// How a model learns. The command line, the run log and the model file carry this same record under these names.
using Unroll.Options;

namespace Unroll;

/// <summary>How long a dropout mask stays.</summary>
public enum DropoutMask
{
    /// <summary>Every step of a window has its own (Zaremba et al. 2014).</summary>
    Fresh,

    /// <summary>All steps of a window have the same (variational dropout; Gal and Ghahramani 2016).</summary>
    Locked,
}

/// <summary>How a model learns. Every property has a default.</summary>
public sealed record TrainingOptions
{
    /// <summary>The book's settings: SGD, learning rate 1, clipping at 1, 32×35 windows, 500 epochs (d2l 8.5).</summary>
    public static TrainingOptions Textbook { get; } = new()
    {
        Optimizer = OptimizerKind.Sgd,
        LearningRate = 1,
        Clip = 1,
        Batch = 32,
        SequenceLength = 35,
        Epochs = 500,
        Schedule = Schedule.Constant,
    };

    /// <summary>Rows of a minibatch, B.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Steps of a window, T: how far back-propagation reaches.</summary>
    public int SequenceLength { get; init; } = 64;

    /// <summary>How windows are drawn and whether the state is carried.</summary>
    public WindowOrder WindowOrder { get; init; } = WindowOrder.Sequential;

    /// <summary>Passes over the text; ignored where <see cref="Updates"/> or <see cref="Budget"/> is given.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Updates to make; 0 = as many as <see cref="Epochs"/> give.</summary>
    public long Updates { get; init; }

    /// <summary>Be done after this long by the wall clock, the last measurement and save included; null = no limit. It is the one
    /// setting that makes a run depend on the machine, and that in the number of its updates only: a finished run says in
    /// <see cref="TrainingSummary.Training"/> which <see cref="Updates"/> and <see cref="Pace"/> repeat it anywhere, to the bit.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>How a run with a <see cref="Budget"/> planned its updates, to repeat it: "UPDATES:TOTAL,…", after how many updates it
    /// reckoned with how many in all; "none" = it never came to it. The schedule goes in equal steps to each total.
    /// With <see cref="Updates"/> only; null = towards these from the beginning.</summary>
    public string? Pace { get; init; }

    /// <summary>How often the model is measured on the validation text, at equal fractions of the run and at its very end: less often
    /// where less than five times the validation text would be learned between two measurements. 0 = at every epoch's end, and
    /// within epochs that are long.</summary>
    public int Measurements { get; init; }

    /// <summary>End the run after so many measurements in a row without a better one; 0 = never.</summary>
    public int Patience { get; init; }

    /// <summary>How many times a run whose loss runs away goes back to the last good model, halves the learning rate and goes on,
    /// before it gives up.</summary>
    public int Rollbacks { get; init; } = 3;

    /// <summary>The rule that turns gradients into updates.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>Momentum for SGD, μ (Polyak 1964): the sum of past gradients, which fades by μ at every update, takes the gradient's
    /// place; 0 ≤ μ &lt; 1, 0 = none.</summary>
    public double Momentum { get; init; }

    /// <summary>How slowly Adam's mean of gradients forgets, β₁; 0 ≤ β₁ &lt; 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How slowly Adam's mean of squared gradients forgets, β₂; 0 ≤ β₂ &lt; 1.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>The learning rate.</summary>
    public double LearningRate { get; init; } = 0.002;

    /// <summary>How the learning rate changes over the run.</summary>
    public Schedule Schedule { get; init; } = Schedule.Constant;

    /// <summary>The last part of the run in which <see cref="Unroll.Schedule.Linear"/>, <see cref="Unroll.Schedule.Cosine"/> and
    /// <see cref="Unroll.Schedule.Power"/> let the learning rate fall; before, it stays (Hägele et al. 2024). 1 = all of it, 0.5 = the
    /// second half.</summary>
    public double Cooldown { get; init; } = 1;

    /// <summary>The exponent of <see cref="Unroll.Schedule.Power"/>, p &gt; 0: 1 is a straight line, more falls early and ends
    /// gently.</summary>
    public double SchedulePower { get; init; } = 1.2;

    /// <summary>After so many measurements in a row without a new best validation loss <see cref="Unroll.Schedule.Plateau"/> lets the
    /// learning rate fall.</summary>
    public int PlateauPatience { get; init; } = 3;

    /// <summary>What <see cref="Unroll.Schedule.Plateau"/> multiplies the learning rate by, between 0 and 1.</summary>
    public double PlateauFactor { get; init; } = 0.5;

    /// <summary>Updates over which the learning rate rises from zero to what the schedule says.</summary>
    public long Warmup { get; init; }

    /// <summary>The last part of the run over which weights are averaged, 0 ≤ a ≤ 1: what is measured and kept is then their mean
    /// so far instead of the weights themselves. 0 = none.</summary>
    public double TailAverage { get; init; }

    /// <summary>Gradients that are larger are clipped: scaled down to this global norm, or each element to this size, as
    /// <see cref="ClipBy"/> says; 0 = never.</summary>
    public double Clip { get; init; } = 1;

    /// <summary>What <see cref="Clip"/> is compared with.</summary>
    public ClipKind ClipBy { get; init; } = ClipKind.Norm;

    /// <summary>Weight decay, λ. With SGD and Adam λp is added to every parameter's gradient (an L2 penalty); with AdamW every matrix
    /// shrinks by the factor 1 − ηλ at an update with learning rate η, so that the decay follows the schedule, and biases do not.</summary>
    public double WeightDecay { get; init; }

    /// <summary>The probability with which each output of a recurrent layer is dropped before the next layer, or the decoder,
    /// reads it; 0 ≤ p &lt; 1.</summary>
    public double Dropout { get; init; }

    /// <summary>The probability with which each position does without its vector by n-gram, order by order; 0 ≤ p &lt; 1.</summary>
    public double NgramDropout { get; init; }

    /// <summary>The learning rate of vectors by n-gram, which take Adagrad's steps; it follows the schedule.</summary>
    public double NgramRate { get; init; } = 0.1;

    /// <summary>The probability with which each element of an embedding vector is dropped before the first layer reads it; with one-hot
    /// vectors, a whole token (Gal and Ghahramani 2016); 0 ≤ p &lt; 1.</summary>
    public double InputDropout { get; init; }

    /// <summary>Whether <see cref="Dropout"/> and <see cref="InputDropout"/> draw a mask for every step, or one for all steps of a
    /// window: of a one-hot token, all its occurrences in the row are then dropped, or none.</summary>
    public DropoutMask DropoutMask { get; init; } = DropoutMask.Fresh;

    /// <summary>The probability with which each hidden unit is dropped for all steps of a window, a mask for each row and layer: what
    /// the next step, the layer above and the decoder read is m ⊙ o ⊙ tanh(c) (variational dropout; Gal and Ghahramani 2016);
    /// 0 ≤ p &lt; 1. Only for cells with a memory beside the hidden vector, LSTM and CIFG: a memory is never dropped.</summary>
    public double StateDropout { get; init; }

    /// <summary>Keep a memory of counts of the training text beside the networks, of at most so many of its last tokens; 0 = none.
    /// The model file holds these tokens. Needs <see cref="CorpusOptions.HeldBack"/>.</summary>
    public int MemoryTokens { get; init; }

    /// <summary>In training, a window's tokens are compared with each other and with a sample of so many others, another one for every
    /// window, each of which stands for several (importance sampling; Bengio and Senécal 2003). Its update then moves the vectors and
    /// output weights of these tokens only, without momentum. Of a large vocabulary that saves most of the work. 0 = with all tokens.
    /// Reported training losses are then estimates; validation always reckons with all tokens.</summary>
    public int SoftmaxSample { get; init; }

    /// <summary>α of the penalty α · mean h² on the last layer's outputs (activation regularisation; Merity et al. 2017), at least 0. It
    /// adds to gradients; reported losses do not contain it.</summary>
    public double ActivationPenalty { get; init; }

    /// <summary>β of the penalty β · mean (h[t] − h[t−1])² on the last layer's outputs (temporal activation regularisation; Merity et
    /// al. 2017), at least 0. It adds to gradients; reported losses do not contain it.</summary>
    public double ChangePenalty { get; init; }

    /// <summary>Equal seeds give equal runs, to the bit.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The gradient of a minibatch is a fixed binary tree over so many shards of its rows, so that several machines
    /// could share it: a power of two from 1 to 1024, at most <see cref="Batch"/>. Equal numbers of shards give equal bits,
    /// another number others.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>The most tokens of a memory: more would take gigabytes.</summary>
    internal const int MostMemoryTokens = 1 << 23;

    /// <summary>Checks that the options make a run.</summary>
    /// <exception cref="OptionsException">They do not.</exception>
    public void Validate()
    {
        OptionsException.Require(Batch is >= 1 and <= 65536, nameof(Batch), $"must be between 1 and 65536, not {Batch}.");
        OptionsException.Require(SequenceLength is >= 1 and <= 65536, nameof(SequenceLength), $"must be between 1 and 65536, not {SequenceLength}.");
        OptionsException.Require((long)Batch * SequenceLength <= 1 << 24, nameof(Batch),
            $"times {Name(nameof(SequenceLength))} must be at most {1 << 24:N0}, not {(long)Batch * SequenceLength:N0}.");
        OptionsException.Require(Enum.IsDefined(WindowOrder), nameof(WindowOrder), $"must be sequential, random or reset.");
        OptionsException.Require(Enum.IsDefined(Optimizer), nameof(Optimizer), $"must be sgd, adam or adamw.");
        OptionsException.Require(Enum.IsDefined(Schedule), nameof(Schedule), $"must be constant, linear, cosine, power or plateau.");
        OptionsException.Require(Cooldown is > 0 and <= 1, nameof(Cooldown), $"must be greater than 0 and at most 1, not {Cooldown}.");
        OptionsException.Require(Cooldown == 1 || Schedule is Schedule.Linear or Schedule.Cosine or Schedule.Power, nameof(Cooldown),
            $"is how long the learning rate falls: set {Name(nameof(Schedule))} to linear, cosine or power.");
        OptionsException.Require(double.IsFinite(SchedulePower) && SchedulePower > 0, nameof(SchedulePower), $"must be greater than 0, not {SchedulePower}.");
        OptionsException.Require(PlateauPatience >= 1, nameof(PlateauPatience), $"must be at least 1 measurement, not {PlateauPatience}.");
        OptionsException.Require(PlateauFactor is > 0 and < 1, nameof(PlateauFactor), $"must be greater than 0 and less than 1, not {PlateauFactor}.");
        OptionsException.Require(Updates >= 0, nameof(Updates), $"must be at least 1 (or 0 to count epochs instead), not {Updates}.");
        OptionsException.Require(Budget is null || Budget > TimeSpan.Zero, nameof(Budget), $"must be longer than zero.");
        OptionsException.Require(Budget is null || Updates == 0, nameof(Budget), $"and {Name(nameof(Updates))} say the length of the run twice: give one of them.");
        OptionsException.Require(Epochs >= 1 || Updates > 0 || Budget is not null, nameof(Epochs), $"must be at least 1, not {Epochs}.");
        OptionsException.Require(Pace is null || (Updates > 0 && Budget is null), nameof(Pace), $"belongs to a run of given {Name(nameof(Updates))}.");
        OptionsException.Require(Pace is null || Options.Pace.Parse(Pace) is { } pace && (pace.Total ?? Updates) >= Updates, nameof(Pace),
            $"must be what a finished run says: UPDATES:TOTAL,…, both rising and the last total at least {Name(nameof(Updates))}, or none.");
        OptionsException.Require(Measurements is >= 0 and <= 10_000, nameof(Measurements), $"must be between 1 and 10,000 (or 0 for one an epoch), not {Measurements}.");
        OptionsException.Require(Patience >= 0, nameof(Patience), $"must be at least 1 (or 0 to go on to the end), not {Patience}.");
        OptionsException.Require(Rollbacks is >= 0 and <= 30, nameof(Rollbacks), $"must be between 0 and 30, not {Rollbacks}.");
        OptionsException.Require(double.IsFinite(LearningRate) && LearningRate > 0, nameof(LearningRate), $"must be greater than 0, not {LearningRate}.");
        OptionsException.Require(Momentum is >= 0 and < 1, nameof(Momentum), $"must be at least 0 and less than 1, not {Momentum}.");
        OptionsException.Require(Momentum == 0 || Optimizer == OptimizerKind.Sgd, nameof(Momentum),
            $"belongs to sgd: set {Name(nameof(Optimizer))} to it, or {Name(nameof(Beta1))} instead.");
        OptionsException.Require(Beta1 is >= 0 and < 1, nameof(Beta1), $"must be at least 0 and less than 1, not {Beta1}.");
        OptionsException.Require(Beta2 is >= 0 and < 1, nameof(Beta2), $"must be at least 0 and less than 1, not {Beta2}.");
        OptionsException.Require(Warmup >= 0, nameof(Warmup), $"must be at least 0 updates, not {Warmup}.");
        OptionsException.Require(TailAverage is >= 0 and <= 1, nameof(TailAverage), $"must be at least 0 and at most 1, not {TailAverage}.");
        OptionsException.Require(double.IsFinite(Clip) && Clip >= 0, nameof(Clip), $"must be greater than 0 (or 0 for no clipping), not {Clip}.");
        OptionsException.Require(Enum.IsDefined(ClipBy), nameof(ClipBy), $"must be norm or value.");
        OptionsException.Require(double.IsFinite(WeightDecay) && WeightDecay >= 0, nameof(WeightDecay), $"must be at least 0, not {WeightDecay}.");
        OptionsException.Require(Dropout is >= 0 and < 1, nameof(Dropout), $"must be at least 0 and less than 1, not {Dropout}.");
        OptionsException.Require(NgramDropout is >= 0 and < 1, nameof(NgramDropout), $"must be at least 0 and less than 1, not {NgramDropout}.");
        OptionsException.Require(double.IsFinite(NgramRate) && NgramRate >= 0, nameof(NgramRate), $"must be at least 0, not {NgramRate}.");
        OptionsException.Require(Enum.IsDefined(DropoutMask), nameof(DropoutMask), $"must be fresh or locked.");
        OptionsException.Require(InputDropout is >= 0 and < 1, nameof(InputDropout), $"must be at least 0 and less than 1, not {InputDropout}.");
        OptionsException.Require(StateDropout is >= 0 and < 1, nameof(StateDropout), $"must be at least 0 and less than 1, not {StateDropout}.");
        OptionsException.Require(MemoryTokens is >= 0 and <= MostMemoryTokens, nameof(MemoryTokens), $"must be between 1 and {MostMemoryTokens} (or 0 for none), not {MemoryTokens}.");
        OptionsException.Require(SoftmaxSample >= 0, nameof(SoftmaxSample), $"must be at least 1 (or 0 for all tokens), not {SoftmaxSample}.");
        OptionsException.Require(double.IsFinite(ActivationPenalty) && ActivationPenalty >= 0, nameof(ActivationPenalty), $"must be at least 0, not {ActivationPenalty}.");
        OptionsException.Require(double.IsFinite(ChangePenalty) && ChangePenalty >= 0, nameof(ChangePenalty), $"must be at least 0, not {ChangePenalty}.");
        OptionsException.Require(Shards is >= 1 and <= 1024 && int.IsPow2(Shards), nameof(Shards), $"must be a power of two from 1 to 1024, not {Shards}.");
        OptionsException.Require(Shards <= Batch, nameof(Shards), $"must be at most {Name(nameof(Batch))} ({Batch}), not {Shards}.");
    }

    internal static TrainingOptions Pass(TrainingOptions training, OptionsPass pass) => new()
    {
        Batch = pass.Count("batch", nameof(Batch), training.Batch),
        SequenceLength = pass.Count("sequenceLength", nameof(SequenceLength), training.SequenceLength),
        WindowOrder = pass.Choice("sampling", nameof(WindowOrder), training.WindowOrder),
        Epochs = pass.Count("epochs", nameof(Epochs), training.Epochs),
        Updates = pass.Whole("updates", nameof(Updates), training.Updates),
        Budget = pass.Time("budget", nameof(Budget), training.Budget),
        Pace = pass.Words("pace", nameof(Pace), training.Pace),
        Measurements = pass.Count("measure", nameof(Measurements), training.Measurements),
        Patience = pass.Count("patience", nameof(Patience), training.Patience),
        Rollbacks = pass.Count("rollbacks", nameof(Rollbacks), training.Rollbacks),
        Optimizer = pass.Choice("optimizer", nameof(Optimizer), training.Optimizer),
        Momentum = pass.Number("momentum", nameof(Momentum), training.Momentum),
        Beta1 = pass.Number("beta1", nameof(Beta1), training.Beta1),
        Beta2 = pass.Number("beta2", nameof(Beta2), training.Beta2),
        LearningRate = pass.Number("lr", nameof(LearningRate), training.LearningRate),
        Schedule = pass.Choice("schedule", nameof(Schedule), training.Schedule),
        Cooldown = pass.Number("cooldown", nameof(Cooldown), training.Cooldown),
        SchedulePower = pass.Number("schedulePower", nameof(SchedulePower), training.SchedulePower),
        PlateauPatience = pass.Count("plateauPatience", nameof(PlateauPatience), training.PlateauPatience),
        PlateauFactor = pass.Number("plateauFactor", nameof(PlateauFactor), training.PlateauFactor),
        Warmup = pass.Whole("warmup", nameof(Warmup), training.Warmup),
        TailAverage = pass.Number("tailAverage", nameof(TailAverage), training.TailAverage),
        Clip = pass.Number("clip", nameof(Clip), training.Clip),
        ClipBy = pass.Choice("clipBy", nameof(ClipBy), training.ClipBy),
        WeightDecay = pass.Number("weightDecay", nameof(WeightDecay), training.WeightDecay),
        Dropout = pass.Number("dropout", nameof(Dropout), training.Dropout),
        NgramDropout = pass.Number("ngramDropout", nameof(NgramDropout), training.NgramDropout),
        NgramRate = pass.Number("ngramRate", nameof(NgramRate), training.NgramRate),
        DropoutMask = pass.Choice("dropoutMask", nameof(DropoutMask), training.DropoutMask),
        InputDropout = pass.Number("inputDropout", nameof(InputDropout), training.InputDropout),
        StateDropout = pass.Number("stateDropout", nameof(StateDropout), training.StateDropout),
        MemoryTokens = pass.Count("memory", nameof(MemoryTokens), training.MemoryTokens),
        SoftmaxSample = pass.Count("softmaxSample", nameof(SoftmaxSample), training.SoftmaxSample),
        ActivationPenalty = pass.Number("activationPenalty", nameof(ActivationPenalty), training.ActivationPenalty),
        ChangePenalty = pass.Number("changePenalty", nameof(ChangePenalty), training.ChangePenalty),
        Seed = pass.Seed("seed", nameof(Seed), training.Seed),
        Shards = pass.Count("shards", nameof(Shards), training.Shards),
    };

    private static PropertyName Name(string property) => new(property);
}

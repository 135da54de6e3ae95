// How a model learns. The command line, the run log and the model file carry this same record under these names.
using System.Text.Json.Serialization;
using Unroll.Kernels;
using Unroll.Training;

namespace Unroll;

/// <summary>The rule that turns gradients into updates.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent without momentum; weight decay is added to the gradient.</summary>
    Sgd,

    /// <summary>Adam (Kingma and Ba 2015), β = 0.9 and 0.999, ε = 1e-8; weight decay is added to the gradient.</summary>
    Adam,

    /// <summary>AdamW (Loshchilov and Hutter 2019): Adam with weight decay apart from the gradient.</summary>
    AdamW,
}

/// <summary>How the learning rate changes over the run.</summary>
public enum Schedule
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>It falls along a straight line to zero at the run's end.</summary>
    Linear,

    /// <summary>It falls along half a cosine to zero at the run's end.</summary>
    Cosine,
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
    [JsonPropertyName("sampling")]
    public WindowOrder WindowOrder { get; init; } = WindowOrder.Sequential;

    /// <summary>Passes over the text; ignored where <see cref="Updates"/> or <see cref="Budget"/> is given.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Updates to make; 0 = as many as <see cref="Epochs"/> give.</summary>
    public long Updates { get; init; }

    /// <summary>Stop after this long by the wall clock (the one setting that makes a run depend on the machine); null = no limit.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>The rule that turns gradients into updates.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>The learning rate.</summary>
    [JsonPropertyName("lr")]
    public double LearningRate { get; init; } = 0.002;

    /// <summary>How the learning rate changes over the run.</summary>
    public Schedule Schedule { get; init; } = Schedule.Constant;

    /// <summary>Updates over which the learning rate rises from zero to what the schedule says.</summary>
    public long Warmup { get; init; }

    /// <summary>Gradients whose global L2 norm is larger are scaled down to it; 0 = never.</summary>
    public double Clip { get; init; } = 1;

    /// <summary>Weight decay, λ.</summary>
    public double WeightDecay { get; init; }

    /// <summary>The probability with which each output of a recurrent layer is dropped before the next layer, or the decoder,
    /// reads it; 0 ≤ p &lt; 1.</summary>
    public double Dropout { get; init; }

    /// <summary>Equal seeds give equal runs, to the bit.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; 0 = one per core. Results do not depend on it.</summary>
    [JsonIgnore]
    public int Threads { get; init; }

    /// <summary>Where the model and, during the run, its state are kept; null = nowhere.</summary>
    [JsonIgnore]
    public string? Out { get; init; }

    /// <summary>Seconds between two saves of an unfinished run; every epoch's end saves too, at most once a second.</summary>
    [JsonIgnore]
    public double CheckpointEvery { get; init; } = 30;

    /// <summary>Go on with the run whose state stands in <see cref="Out"/>; start afresh where there is no such file.</summary>
    [JsonIgnore]
    public bool Resume { get; init; }

    /// <summary>Checks that the options make a run.</summary>
    /// <exception cref="UnrollException">They do not; the message names the option as the command line does.</exception>
    public void Validate()
    {
        Require(Batch is >= 1 and <= 65536, $"--batch must be between 1 and 65536, not {Batch}.");
        Require(SequenceLength is >= 1 and <= 65536, $"--steps must be between 1 and 65536, not {SequenceLength}.");
        Require((long)Batch * SequenceLength <= 1 << 24, $"--batch times --steps must be at most {1 << 24:N0}, not {(long)Batch * SequenceLength:N0}.");
        Require(Enum.IsDefined(WindowOrder), $"--sampling must be sequential, random or reset.");
        Require(Enum.IsDefined(Optimizer), $"--optimizer must be sgd, adam or adamw.");
        Require(Enum.IsDefined(Schedule), $"--schedule must be constant, linear or cosine.");
        Require(Updates >= 0, $"--updates must be at least 1 (or 0 to count epochs instead), not {Updates}.");
        Require(Budget is null || Budget > TimeSpan.Zero, $"--budget must be longer than no time at all.");
        Require(Epochs >= 1 || Updates > 0 || Budget is not null, $"--epochs must be at least 1, not {Epochs}.");
        Require(double.IsFinite(LearningRate) && LearningRate > 0, $"--lr must be greater than 0, not {LearningRate}.");
        Require(Warmup >= 0, $"--warmup must be at least 0 updates, not {Warmup}.");
        Require(double.IsFinite(Clip) && Clip >= 0, $"--clip must be greater than 0 (or 0 for no clipping), not {Clip}.");
        Require(double.IsFinite(WeightDecay) && WeightDecay >= 0, $"--weight-decay must be at least 0, not {WeightDecay}.");
        Require(Dropout is >= 0 and < 1, $"--dropout must be at least 0 and less than 1, not {Dropout}.");
        Require(Threads is >= 0 and <= ThreadTeam.Most, $"--threads must be between 1 and {ThreadTeam.Most} (or 0 for one per core), not {Threads}.");
        Require(double.IsFinite(CheckpointEvery) && CheckpointEvery >= 0, $"--checkpoint-every must be at least 0 seconds, not {CheckpointEvery}.");
        Require(!Resume || Out is not null, $"--resume needs --out: the file in which the run's state stands.");
    }

    private static void Require(bool condition, FormattableString message)
    {
        if (!condition)
            throw new UnrollException(FormattableString.Invariant(message));
    }
}

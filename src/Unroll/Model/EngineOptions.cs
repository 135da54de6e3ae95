using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>What an engine is made for.</summary>
internal sealed record EngineOptions
{
    /// <summary>The most rows of a call, B; in training, the rows of every minibatch, or those of them that are this rank's.</summary>
    public required int Rows { get; init; }

    /// <summary>The most steps of a call, T; in training, the steps of every minibatch.</summary>
    public required int Steps { get; init; }

    /// <summary>Threads to use at most; 0 = one per core. Results do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Whether it learns from what it reads: one row only.</summary>
    public bool ReadsAlong { get; init; }

    /// <summary>What training needs beside; null where nothing is trained.</summary>
    public EngineTraining? Training { get; init; }

    /// <summary>Which of a minibatch's rows the engine has.</summary>
    public BatchShare ShareOf(EngineTraining training) =>
        new(training.Batch ?? Rows, training.Shards, training.Ranks?.Rank ?? 0, training.Ranks?.Count ?? 1);
}

/// <summary>What an engine needs for training.</summary>
internal sealed record EngineTraining
{
    /// <summary>The probability with which each output of a recurrent layer is dropped.</summary>
    public double Dropout { get; init; }

    /// <summary>The probability with which each position does without its vector by n-gram, order by order.</summary>
    public double NgramDropout { get; init; }

    /// <summary>Whether every step has a mask of its own.</summary>
    public DropoutMask DropoutMask { get; init; }

    /// <summary>The probability with which each element of an embedding vector, or a whole one-hot token, is dropped.</summary>
    public double InputDropout { get; init; }

    /// <summary>The probability with which each hidden unit of a row is dropped for the whole window; for cells with a memory.</summary>
    public double StateDropout { get; init; }

    /// <summary>Tokens that a window's softmax samples beside those that it predicts; 0 = all tokens take part.</summary>
    public int SoftmaxSample { get; init; }

    /// <summary>α of <see cref="OutputPenalty"/>.</summary>
    public double ActivationPenalty { get; init; }

    /// <summary>β of <see cref="OutputPenalty"/>.</summary>
    public double ChangePenalty { get; init; }

    /// <summary>S: the gradient of a minibatch is a binary tree over so many shards of its rows.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>B: rows of a whole minibatch; null = all are this engine's.</summary>
    public int? Batch { get; init; }

    /// <summary>The ranks that share every minibatch, in equal parts of its shards; null = this engine has all of it.</summary>
    public RankGroup? Ranks { get; init; }

    /// <summary>Arrays of the parameters' size that the rule of updates remembers.</summary>
    public int Moments { get; init; }
}

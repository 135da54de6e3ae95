namespace Unroll.Training;

/// <summary>A network of several, and where its run stands.</summary>
/// <param name="kept">The network that it would end with if it ended now.</param>
/// <param name="run">Its run; null where it is finished.</param>
/// <param name="finished">What the file says of a finished one.</param>
internal sealed class Member(LanguageModel kept, TrainingRun? run, TrainingSummary? finished)
{
    /// <summary>The network that it would end with if it ended now.</summary>
    public LanguageModel Kept { get; } = kept;

    /// <summary>Its run; null where it was finished before.</summary>
    public TrainingRun? Run { get; } = run;

    /// <summary>How its run has ended; null before, and where it was finished.</summary>
    public TrainingResult? Result => Run?.Result;

    /// <summary>Counts and losses at the end; null before.</summary>
    public TrainingSummary? Summary => finished ?? Result?.Summary;

    /// <summary>What it has told last.</summary>
    public TrainingReport? Report { get; set; }

    /// <summary>Epochs run through to the end.</summary>
    public long Epochs { get; set; }

    /// <summary>Whether it waits for the others.</summary>
    public bool Waits { get; set; }

    /// <summary>Whether it does nothing any more.</summary>
    public bool IsDone { get; set; }
}

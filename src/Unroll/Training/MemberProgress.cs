using Unroll.Options;

namespace Unroll.Training;

/// <summary>What a file says of the run of one network of several.</summary>
internal sealed record MemberProgress
{
    /// <summary>Counts and losses.</summary>
    public TrainingSummary? Summary { get; init; }

    /// <summary>The run's state as its <see cref="RunFile"/> wrote it; null where it is finished.</summary>
    public string? Run { get; init; }

    /// <summary>The record as a file keeps it.</summary>
    public static MemberProgress Pass(MemberProgress member, OptionsPass pass) => new()
    {
        Summary = pass.Record("summary", nameof(Summary), member.Summary, TrainingSummary.Pass),
        Run = pass.Words("run", nameof(Run), member.Run),
    };
}

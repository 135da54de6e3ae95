namespace Unroll.Cli.Sweeping;

/// <summary>Where a run of a sweep stands.</summary>
internal enum RunState
{
    /// <summary>It has not begun.</summary>
    Waiting,

    /// <summary>It learns.</summary>
    Running,

    /// <summary>Its model is whole.</summary>
    Finished,

    /// <summary>It ended with a mistake.</summary>
    Failed,

    /// <summary>It was told to stop, and can go on.</summary>
    Stopped,

    /// <summary>Another process is at it.</summary>
    Elsewhere,
}

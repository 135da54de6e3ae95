namespace Unroll.Web.Runs;

/// <summary>How a run stands.</summary>
internal enum RunState
{
    /// <summary>Some other program's: only its log is known.</summary>
    Watched,

    /// <summary>It waits for the one before it.</summary>
    Waiting,

    /// <summary>Its text is being read.</summary>
    Reading,

    /// <summary>It learns.</summary>
    Training,

    /// <summary>It has been told to stop, and saves what it has.</summary>
    Stopping,

    /// <summary>It was stopped, and can go on.</summary>
    Paused,

    /// <summary>It has come to its end.</summary>
    Finished,

    /// <summary>It could not go on.</summary>
    Failed,
}

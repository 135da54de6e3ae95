using System.Runtime.CompilerServices;
using Unroll.Model;

namespace Unroll.Tests.Model;

/// <summary>Engines of the processor for tests.</summary>
internal static class Engines
{
    /// <summary>Grids of every sort: one thread, members only, groups only, both, more than there are rows or panels.</summary>
    public static ThreadGrid[] Grids { get; } =
        [new(1, 1), new(1, 2), new(2, 1), new(1, 3), new(3, 1), new(2, 2), new(3, 2), new(1, 5), new(5, 1), new(2, 5)];

    /// <summary>Results must not depend on threads, so the tests use as many as they say, however few cores there are.</summary>
    [ModuleInitializer]
    internal static void UseAsManyThreadsAsAskedFor() => CpuEngine.Cores = 64;

    /// <summary>An engine for a batch and a window.</summary>
    public static CpuEngine Make(
        LanguageModel model, int rows, int steps, bool training, ThreadGrid? grid = null, double dropout = 0, int shards = 1, int moments = 0) =>
        Make(model, rows, steps, training ? new EngineTraining { Dropout = dropout, Shards = shards, Moments = moments } : null, grid);

    /// <summary>An engine for a batch, a window and all that training may want; null = none.</summary>
    public static CpuEngine Make(LanguageModel model, int rows, int steps, EngineTraining? training, ThreadGrid? grid = null) =>
        new(model, new EngineOptions { Rows = rows, Steps = steps, Threads = grid?.Threads ?? 1, Training = training }, grid ?? new ThreadGrid(1, 1));
}

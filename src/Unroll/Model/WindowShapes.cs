using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The windows of an engine, of every shape that it has met.</summary>
/// <param name="team">Its threads.</param>
/// <param name="layers">Its recurrent layers.</param>
/// <param name="hiddenSize">H.</param>
/// <param name="fixedGrid">How threads divide the work, whatever the machine is like; null = as suits a shape.</param>
internal sealed class WindowShapes(ThreadTeam team, RecurrentLayer[] layers, int hiddenSize, ThreadGrid? fixedGrid)
{
    private const int MostWindows = 256;

    private readonly Dictionary<(int Rows, int Steps), Window> windows = [];
    private readonly Dictionary<ThreadGrid, ThreadGroup[]> groups = [];

    /// <summary>The window of a shape.</summary>
    /// <param name="rows">b.</param>
    /// <param name="steps">t.</param>
    public Window Of(int rows, int steps)
    {
        if (windows.TryGetValue((rows, steps), out Window? known))
            return known;
        if (windows.Count == MostWindows)
            windows.Clear();
        ThreadGrid grid = fixedGrid is { } given ? given with { Groups = Math.Min(given.Groups, rows) }
            : ThreadGrid.Choose(layers[0].Shape, hiddenSize, rows, steps, team.Count);
        return windows[(rows, steps)] = new Window(rows, steps, grid, GroupsOf(grid), layers);
    }

    // Calls come one after another, so all windows of a grid share its groups: a team keeps every barrier that it has made.
    private ThreadGroup[] GroupsOf(ThreadGrid grid)
    {
        if (!groups.TryGetValue(grid, out ThreadGroup[]? known))
            groups[grid] = known = [.. Enumerable.Range(0, grid.Groups).Select(_ => new ThreadGroup(team.Barrier(grid.Members), grid.Members))];
        return known;
    }
}

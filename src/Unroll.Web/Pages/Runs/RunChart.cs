namespace Unroll.Web.Pages.Runs;

/// <summary>The chart of runs: of each, training as it was measured, the same smoothed, and validation dashed.</summary>
internal static class RunChart
{
    private static readonly string[] Colours = ["#0f8b8d", "#d1603d", "#5f6caf", "#c29a1d", "#8a4f7d", "#4a8f3c", "#b23a48", "#3f88c5", "#7d6b5d", "#e07a9c"];

    /// <summary>What ECharts is to draw.</summary>
    /// <param name="series">The runs.</param>
    /// <param name="axisName">What they stand against.</param>
    /// <param name="logarithmic">Whether the values stand on a logarithmic axis.</param>
    public static object Options(IReadOnlyList<RunSeries> series, string axisName, bool logarithmic) => new
    {
        animation = false,
        aria = new { enabled = true },
        backgroundColor = "transparent",
        grid = new { left = 60, right = 20, top = 50, bottom = 70 },
        tooltip = new { trigger = "axis" },
        legend = new { type = "scroll", top = 8, data = series.Select(run => run.Name).Distinct() },
        dataZoom = new object[] { new { type = "inside" }, new { type = "slider", height = 18, bottom = 10 } },
        xAxis = new { type = "value", name = axisName, nameLocation = "middle", nameGap = 26, min = "dataMin", max = "dataMax" },
        yAxis = new { type = logarithmic ? "log" : "value", scale = true },
        series = series.SelectMany(run => (object[])
        [
            Line(run, run.Raw, 1, 0.25, "solid", 1, symbol: false),
            Line(run, run.Smooth, 2, 1, "solid", 2, symbol: false),
            Line(run, run.Validation, 2, 1, "dashed", 3, symbol: true),
        ]),
    };

    // A run's colour stays its own, whichever others are shown.
    private static object Line(RunSeries run, IReadOnlyList<double[]> points, int width, double opacity, string type, int depth, bool symbol) => new
    {
        name = run.Name,
        id = $"{run.Id} {depth}",
        type = "line",
        data = points,
        showSymbol = symbol,
        symbolSize = 5,
        z = depth,
        lineStyle = new { width, opacity, type, color = Colour(run.Id) },
        itemStyle = new { color = Colour(run.Id) },
    };

    private static string Colour(string id)
    {
        uint hash = 2166136261;
        foreach (char c in id)
            hash = (hash ^ c) * 16777619;
        return Colours[hash % (uint)Colours.Length];
    }
}

namespace Unroll.Web.Pages.Inside;

/// <summary>The chart of a network's hidden state over time: a row for each unit, a column for each token.</summary>
internal static class StateMap
{
    private const int MostUnits = 48, MostTokens = 240;

    /// <summary>What ECharts is to draw.</summary>
    /// <param name="trace">What the units did.</param>
    /// <param name="layer">Whose units, from 0.</param>
    /// <param name="order">Which units, the first ones first; others follow.</param>
    /// <param name="widest">The activation that has the fullest colour.</param>
    /// <param name="names">The tokens' texts.</param>
    public static object Options(UnitTrace trace, int layer, IReadOnlyList<int> order, float widest, IEnumerable<string> names)
    {
        int[] units = [.. order.Concat(Enumerable.Range(0, trace.Units)).Distinct().Take(MostUnits).Reverse()];
        int count = Math.Min(MostTokens, trace.Tokens.Count);
        var cells = new List<double[]>(count * units.Length);
        for (int token = 0; token < count; token++)
        {
            ReadOnlySpan<float> hidden = trace.Hidden(token, layer);
            for (int i = 0; i < units.Length; i++)
                cells.Add([token, i, Math.Round(hidden[units[i]], 3)]);
        }
        return new
        {
            animation = false,
            backgroundColor = "transparent",
            grid = new { left = 48, right = 20, top = 20, bottom = 104 },
            tooltip = new { },
            xAxis = new { type = "category", data = names.Take(count).Select(name => name.Replace('\n', '↵').Replace(' ', '␣')) },
            yAxis = new { type = "category", data = units.Select(unit => $"{unit + 1}") },
            visualMap = new { min = -Math.Round(widest, 2), max = Math.Round(widest, 2), precision = 2, calculable = true, orient = "horizontal", left = "center", bottom = 0, inRange = new { color = new[] { "#b4472f", "#f3d9cf", "#ffffff", "#cfe6e6", "#0b6e6e" } } },
            dataZoom = new object[] { new { type = "inside", xAxisIndex = 0 }, new { type = "slider", xAxisIndex = 0, height = 14, bottom = 64 } },
            series = new object[] { new { id = "states", type = "heatmap", data = cells, progressive = 2000 } },
        };
    }
}

using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Mathematics;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Unroll.Benchmarks;

/// <summary>A column made of a benchmark's work and times: each time in its own unit, as they go from nanoseconds to seconds.</summary>
internal sealed class FloorColumn(string name, string legend, Func<Work, Statistics, string> show) : IColumn
{
    public static IColumn[] All { get; } =
    [
        new FloorColumn("Mean", "The mean time of one call", (_, times) => Time(times.Mean * 1e-9)),
        new FloorColumn("±", "Its standard deviation", (_, times) => Number(100 * times.StandardDeviation / times.Mean, "0.0") + " %"),
        new FloorColumn("Floor", "The least time: operations / peak, or bytes / bandwidth", (work, _) => Time(work.Floor(Machine.This))),
        new FloorColumn("Of floor", "Mean / Floor: 1 is as fast as this machine can be", (work, times) =>
            Number(times.Mean * 1e-9 / work.Floor(Machine.This), "0.00")),
        new FloorColumn("Bound", "What the floor is made of", (work, _) => work.Bound),
    ];

    public string Id => ColumnName;

    public string ColumnName => name;

    public string Legend => legend;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => Array.IndexOf(All, this);

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, summary.Style);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        if (summary[benchmarkCase]?.ResultStatistics is not { } statistics)
            return "-";
        ICase parameter = (ICase)benchmarkCase.Parameters.Items.Single().Value;
        return show(parameter.WorkOf(benchmarkCase.Descriptor.WorkloadMethod.Name), statistics);
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Time(double seconds)
    {
        (double value, string unit) = seconds < 1e-6 ? (seconds * 1e9, "ns") : seconds < 1e-3 ? (seconds * 1e6, "μs") : (seconds * 1e3, "ms");
        return string.Create(CultureInfo.InvariantCulture, $"{value:#,0.00} {unit}");
    }
}

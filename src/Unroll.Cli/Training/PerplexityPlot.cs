// The picture of a run: perplexity over epochs, as SVG, rewritten as the run goes on. The numbers behind the curves
// stand in a comment at the end of the file, so that a resumed run draws on where the earlier one stopped.
using System.Globalization;
using System.Text;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;
using Unroll.Cli.Arguments;
using Unroll.Files;

namespace Unroll.Cli.Training;

/// <summary>Draws training and validation perplexity over epochs.</summary>
/// <param name="path">The SVG file.</param>
/// <param name="title">What stands above the curves.</param>
/// <param name="time">What tells how long drawing takes; null = the system's clock.</param>
internal sealed class PerplexityPlot(string path, string title, TimeProvider? time = null)
{
    private const long Longest = 64 << 20; // bytes; ours are far shorter
    private const string Marker = "<!-- unroll epoch,training,validation:";

    // The one family whose widths OxyPlot knows by heart; in the file it stands among its look-alikes.
    private const string Measured = "Arial";

    private static readonly OxyColor Ink = OxyColor.FromRgb(0x22, 0x22, 0x22);
    private static readonly OxyColor Line = OxyColor.FromRgb(0x88, 0x88, 0x88);
    private static readonly OxyColor Grid = OxyColor.FromRgb(0xE4, 0xE4, 0xE4);
    private static readonly OxyColor Blue = OxyColor.FromRgb(0x1F, 0x5F, 0xA8);
    private static readonly OxyColor Orange = OxyColor.FromRgb(0xC8, 0x55, 0x0B);

    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly List<(double Epoch, double Training, double? Validation)> points = [];
    private TimeSpan lastWrite = TimeSpan.FromDays(-1);
    private TimeSpan lastCost;

    /// <summary>Whether a file is a picture that Unroll drew.</summary>
    public static bool IsOne(string path) => Points(path) != null;

    /// <summary>Takes over the curve of the run that is resumed, if the file holds one.</summary>
    public void Continue()
    {
        foreach (string point in Points(path)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            string[] numbers = point.Split(',');
            if (numbers.Length == 3 && Parse(numbers[0]) is double at && Parse(numbers[1]) is double training)
                points.Add((at, training, Parse(numbers[2])));
        }

        static double? Parse(string text) =>
            double.TryParse(text, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
    }

    /// <summary>Adds a point to the curves; what a broken-off run drew at and after it is forgotten.</summary>
    public void Add(double epoch, double training, double? validation)
    {
        points.RemoveAll(point => point.Epoch >= epoch);
        if (double.IsFinite(training))
            points.Add((epoch, training, validation is double number && double.IsFinite(number) ? number : null));
    }

    /// <summary>Writes the file if that was not done just now; drawing takes no more than a fiftieth of the time.</summary>
    /// <param name="elapsed">The run's own clock.</param>
    public void WriteNowAndThen(TimeSpan elapsed)
    {
        if (elapsed - lastWrite < TimeSpan.FromSeconds(1) || elapsed - lastWrite < 50 * lastCost)
            return;
        lastWrite = elapsed;
        long start = time.GetTimestamp();
        Write();
        lastCost = time.GetElapsedTime(start);
    }

    /// <summary>Writes the file: a reader sees the old picture or the new one.</summary>
    public void Write()
    {
        var exporter = new SvgExporter { Width = 900, Height = 540, UseVerticalTextAlignmentWorkaround = true, TextMeasurer = new BrowserMeasurer() };
        string svg = exporter.ExportToString(Draw()).Replace($"font-family=\"{Measured}\"", "font-family=\"Helvetica, Arial, sans-serif\"");
        var text = new StringBuilder(svg.TrimEnd()).Append('\n').Append(Marker);
        foreach ((double epoch, double training, double? validation) in points)
            text.Append(CultureInfo.InvariantCulture, $" {epoch:0.###},{training:0.#####},{validation:0.#####}");
        text.Append(" -->\n");
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())));
    }

    // The numbers behind a file's curves as they stand there; null where it is not a picture of ours.
    private static string? Points(string path)
    {
        if (FirstLook.File(path) is not { Length: <= Longest } file)
            return null;
        using StreamReader reader = file.OpenText();
        string text = reader.ReadToEnd();
        int start = text.LastIndexOf(Marker, StringComparison.Ordinal);
        int end = start < 0 ? -1 : text.IndexOf("-->", start, StringComparison.Ordinal);
        return end < 0 ? null : text[(start + Marker.Length)..end];
    }

    private PlotModel Draw()
    {
        var plot = new PlotModel
        {
            Title = title,
            TitleFontSize = 17,
            TitleFontWeight = 600,
            DefaultFont = Measured,
            DefaultFontSize = 14,
            Background = OxyColors.White,
            TextColor = Ink,
            PlotAreaBorderColor = Line,
            PlotAreaBorderThickness = new OxyThickness(1, 0, 0, 1),
            Padding = new OxyThickness(12, 14, 24, 12),
        };
        plot.Legends.Add(new Legend
        {
            LegendPosition = LegendPosition.RightTop,
            LegendBackground = OxyColors.White,
            LegendFontSize = 14,
            LegendSymbolLength = 24,
        });
        double last = points.Count > 0 ? Math.Max(1, points[^1].Epoch) : 1;
        plot.Axes.Add(Styled(new LinearAxis { Minimum = 0, Maximum = 1.01 * last, MinimumMajorStep = 1 }, AxisPosition.Bottom, "epoch"));
        double most = points.Select(point => Math.Max(point.Training, point.Validation ?? 1)).DefaultIfEmpty(2).Max();
        double least = points.Select(point => Math.Min(point.Training, point.Validation ?? double.MaxValue)).DefaultIfEmpty(1).Min();
        // Perplexity falls by orders of magnitude for words: only a logarithmic axis shows the end of such a curve.
        double floor = most < 3 * least ? Math.Max(0, least - (0.2 * (most - least)) - 0.05) : 0;
        Axis perplexity = most > 40 * least
            ? new LogarithmicAxis { Minimum = least / 1.2, Maximum = most * 1.2 }
            : new LinearAxis { Minimum = floor, Maximum = most * 1.05 };
        plot.Axes.Add(Styled(perplexity, AxisPosition.Left, "perplexity"));
        plot.Series.Add(Curve("training", Blue, points.Select(point => (point.Epoch, (double?)point.Training))));
        if (points.Any(point => point.Validation != null))
            plot.Series.Add(Curve("validation", Orange, points.Select(point => (point.Epoch, point.Validation))));
        return plot;
    }

    private static Axis Styled(Axis axis, AxisPosition position, string title)
    {
        (axis.Position, axis.Title) = (position, title);
        axis.MajorGridlineStyle = LineStyle.Solid;
        axis.MajorGridlineColor = Grid;
        axis.TicklineColor = Line;
        axis.MinorTickSize = 0;
        axis.AxislineStyle = LineStyle.None;
        axis.AxisTitleDistance = 14;
        axis.TitleFontSize = 15;
        return axis;
    }

    private static LineSeries Curve(string name, OxyColor color, IEnumerable<(double Epoch, double? Perplexity)> points)
    {
        DataPoint[] known = [.. points.Where(point => point.Perplexity != null).Select(point => new DataPoint(point.Epoch, point.Perplexity!.Value))];
        var curve = new LineSeries
        {
            Title = name,
            Color = color,
            StrokeThickness = 2.5,
            LineJoin = LineJoin.Round,
            MarkerType = known.Length <= 30 ? MarkerType.Circle : MarkerType.None,
            MarkerSize = 4,
            MarkerFill = color,
        };
        curve.Points.AddRange(known);
        return curve;
    }

    // OxyPlot measures text for paper, 72 points to the inch; a browser draws 96 to the inch, a third wider.
    private sealed class BrowserMeasurer() : PdfRenderContext(100, 100, OxyColors.White)
    {
        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight) =>
            base.MeasureText(text, fontFamily, fontSize * 96 / 72, fontWeight);
    }
}

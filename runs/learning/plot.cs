// Draws the loss on tiny-shakespeare's last tenth over the minutes of training, from the tables in README.md.
//     dotnet run plot.cs README.md OUT.svg
#:package OxyPlot.Core
using System.Globalization;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

string[][] rows = [.. File.ReadLines(args[0]).Where(line => line.StartsWith("| ")).Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1])];
string[][] own = [.. rows.Where(row => row[0].StartsWith("tiny-shakespeare") && row.Length == 9 && row[2] == "1")];
string[][] libtorch = [.. rows.Where(row => row[0].StartsWith("libtorch") && row[1] == "3m").OrderBy(row => row[2]).Take(1)];
string[] counts = rows.First(row => row[0].StartsWith("PPMd"));

var model = new PlotModel { PlotAreaBorderThickness = new OxyThickness(0), DefaultFont = "Arial", Padding = new OxyThickness(8, 8, 24, 8) };
model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = "minutes, two threads", Minimum = 0.8, Maximum = 20, MinorTickSize = 0, LabelFormatter = minutes => minutes is 1 or 10 ? $"{minutes}" : "" });
model.Axes.Add(new LinearAxis
{
    Position = AxisPosition.Left, Title = "nats per character", Minimum = 1.2, Maximum = 1.58, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColor.FromRgb(0xE4, 0xE4, 0xE4),
});
Add("libtorch's LSTM", 0x9A9A9A, libtorch.Select(row => (Minutes(row[1]), row[2])));
Add("PPMd, reading along", 0xB8860B, new[] { (0.8, counts[2]), (20.0, counts[2]) });
Add("one network alone", 0xC8550B, own.Select(row => (Minutes(row[1]), row[5])));
Add("Unroll", 0x1F5FA8, own.Select(row => (Minutes(row[1]), row[4])));
Add("Unroll, reading along", 0x2E8B57, own.Select(row => (Minutes(row[1]), row[6])));
using FileStream output = File.Create(args[1]);
new SvgExporter { Width = 800, Height = 420 }.Export(model, output);

void Add(string title, uint colour, IEnumerable<(double Minutes, string Loss)> points)
{
    OxyColor of = OxyColor.FromUInt32(0xFF000000 | colour);
    var line = new LineSeries { Color = of, MarkerType = title.StartsWith("PPMd") ? MarkerType.None : MarkerType.Circle, MarkerFill = of };
    line.Points.AddRange(points.OrderBy(point => point.Minutes).Select(point => new DataPoint(point.Minutes, double.Parse(point.Loss, CultureInfo.InvariantCulture))));
    model.Series.Add(line);
    DataPoint last = line.Points[^1];
    model.Annotations.Add(new TextAnnotation
    {
        Text = title, TextColor = of, Stroke = OxyColors.Transparent, TextPosition = last, Offset = new ScreenVector(0, last.X > 10 ? -14 : -6),
        TextHorizontalAlignment = last.X > 10 ? HorizontalAlignment.Right : HorizontalAlignment.Center, TextVerticalAlignment = VerticalAlignment.Bottom,
    });
}

static double Minutes(string time) => double.Parse(time.TrimEnd('m'), CultureInfo.InvariantCulture);

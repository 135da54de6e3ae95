// Draws the table that run.sh prints: time to read per byte, training speed and memory over the text's length.
//     dotnet run plot.cs TABLE OUT.svg
#:package OxyPlot.Core
using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

(double Bytes, string Kind, double[] Values)[] rows = [.. File.ReadLines(args[0]).Where(line => line.StartsWith("1")).Select(line => line.Split('\t'))
    .Select(cells => (Number(cells[0]), cells[1], cells[2..].Select(Number).ToArray()))];
string[] panels = ["first start, ns per byte", "later start, ns per byte", "training, thousand tokens/s", "greatest resident memory, MB"];
var model = new PlotModel { PlotAreaBorderThickness = new OxyThickness(0), DefaultFont = "Arial", Padding = new OxyThickness(8, 8, 24, 8) };
model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = "text", Minimum = 7e5, Maximum = 1.5e10, MinorTickSize = 0, LabelFormatter = Size });
model.Legends.Add(new Legend { LegendPosition = LegendPosition.TopCenter, LegendPlacement = LegendPlacement.Outside, LegendOrientation = LegendOrientation.Horizontal });
for (int panel = 0; panel < panels.Length; panel++)
{
    int top = panels.Length - panel;
    // Times per byte span two decades: a start of a second, by a million bytes.
    Axis axis = panel < 2 ? new LogarithmicAxis { Minimum = 0.4, Maximum = 300, MinorTickSize = 0 }
        : new LinearAxis { Minimum = 0, Maximum = panel == 3 ? 400 : double.NaN, MaximumPadding = 0.1 };
    (axis.Key, axis.Position, axis.Title) = (panels[panel], AxisPosition.Left, panels[panel].Replace(", ", ",\n"));
    (axis.StartPosition, axis.EndPosition) = (((top - 1) / 4.0) + 0.03, (top / 4.0) - 0.03);
    (axis.MajorGridlineStyle, axis.MajorGridlineColor) = (LineStyle.Solid, OxyColor.FromRgb(0xE4, 0xE4, 0xE4));
    model.Axes.Add(axis);
    foreach ((string kind, OxyColor colour) in new[] { ("character", OxyColor.FromRgb(0x1F, 0x5F, 0xA8)), ("word", OxyColor.FromRgb(0xC8, 0x55, 0x0B)) })
    {
        var line = new LineSeries { Title = panel == 0 ? kind + "s" : null, YAxisKey = panels[panel], Color = colour, MarkerType = MarkerType.Circle, MarkerFill = colour };
        line.Points.AddRange(rows.Where(row => row.Kind == kind).Select(row => new DataPoint(row.Bytes, panel switch
        {
            0 => row.Values[0] / row.Bytes * 1e9,
            1 => row.Values[1] / row.Bytes * 1e9,
            2 => row.Values[4] / 1e3,
            _ => row.Values[6],
        })));
        model.Series.Add(line);
    }
}
using FileStream output = File.Create(args[1]);
new SvgExporter { Width = 800, Height = 900 }.Export(model, output);

static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

static string Size(double bytes) => Math.Log10(bytes) % 1 is not (< 1e-9 or > 1 - 1e-9) ? "" : bytes < 9e8 ? $"{bytes / 1e6:0} MB" : $"{bytes / 1e9:0} GB";

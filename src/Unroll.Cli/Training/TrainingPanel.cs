using Spectre.Console;
using Spectre.Console.Rendering;
using Unroll.Cli.Output;

namespace Unroll.Cli.Training;

/// <summary>Where a run stands, in two lines: how far it is, and how well and how fast it learns.</summary>
internal sealed class TrainingPanel : Renderable
{
    private const string Levels = "▁▂▃▄▅▆▇█";
    private readonly List<double> curve = [];
    private TrainingReport? report;
    private string position = "";
    private double? left;
    private double? validation;
    private string alone = "";

    /// <summary>Whether the run ends after the present step.</summary>
    public bool Stopping { get; set; }

    /// <summary>Takes a report in.</summary>
    public void Update(TrainingReport report, string position, double? secondsLeft)
    {
        (this.report, this.position, left) = (report, position, secondsLeft);
        if (report.ValidationLoss is double loss)
            (validation, alone) = (Math.Exp(loss), TrainingDisplay.Alone(report));
        if ((report.EndOfEpoch || report.ValidationLoss != null) && double.IsFinite(report.Perplexity))
            curve.Add(Math.Log(report.Perplexity));
    }

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        // One column stays free: some terminals wrap a line that fills them to the edge.
        int width = maxWidth - 1;
        return report == null
            ? Line(width, [(Stopping ? "stopping after this step" : "the first step …", Stopping ? Terminal.Bright : Terminal.Quiet)])
            : [.. Line(width, Progress(report, width)), Segment.LineBreak, .. Line(width, Learning(report, width))];
    }

    private List<(string, Style)> Progress(TrainingReport report, int width)
    {
        string times = Stopping ? "stopping after this step" : left is double seconds
            ? $"{Figures.Time(report.Seconds)} so far, {Figures.Time(seconds)} left" : $"{Figures.Time(report.Seconds)} so far";
        string percent = $"{Math.Floor(100 * Math.Clamp(report.Fraction, 0, 1)),3:0} %";
        int bar = Math.Clamp(width - position.Length - percent.Length - times.Length - 8, 0, 40);
        int full = (int)(bar * Math.Clamp(report.Fraction, 0, 1));
        return
        [
            ($"{position}  ", Style.Plain), (new string('━', full), Terminal.Bright), (new string('─', bar - full), Terminal.Quiet),
            ($"  {percent}  ", Style.Plain), (times, Stopping ? Terminal.Bright : Terminal.Quiet),
        ];
    }

    private List<(string, Style)> Learning(TrainingReport report, int width)
    {
        string numbers = $"perplexity {Figures.Perplexity(report.Perplexity)}"
            + (validation is double perplexity ? $"  validation {Figures.Perplexity(perplexity)}{alone}" : "")
            + $"  {Figures.Speed(report.TokensPerSecond)}  ";
        return [(numbers, Style.Plain), (Sparkline(Math.Clamp(width - numbers.Length, 0, 40)), Terminal.Bright)];
    }

    // The curve of the losses at the epochs' ends and wherever there was a measurement, all of them, however narrow the place.
    private string Sparkline(int width)
    {
        if (curve.Count < 2 || width < 5)
            return "";
        (double least, double most) = (curve.Min(), curve.Max());
        int columns = Math.Min(width, curve.Count);
        return string.Create(columns, this, (text, panel) =>
        {
            for (int column = 0; column < text.Length; column++)
            {
                double loss = panel.curve[(int)((long)column * (panel.curve.Count - 1) / Math.Max(1, text.Length - 1))];
                int level = most > least ? (int)Math.Round((loss - least) / (most - least) * (Levels.Length - 1)) : 0;
                text[column] = Levels[level];
            }
        });
    }

    private static List<Segment> Line(int width, List<(string Text, Style Style)> parts)
    {
        var line = new List<Segment>();
        foreach ((string text, Style style) in parts)
        {
            string fitting = text[..Math.Min(text.Length, Math.Max(0, width))];
            line.Add(new Segment(fitting, style));
            width -= fitting.Length;
        }
        return line;
    }
}

using Spectre.Console;
using Spectre.Console.Rendering;
using Unroll.Cli.Output;

namespace Unroll.Cli.Training;

/// <summary>A run on a terminal: two lines that are drawn over and over, and the samples above them.</summary>
internal sealed class LiveTrainingDisplay(Terminal terminal) : TrainingDisplay
{
    private readonly Lock drawing = new();
    private readonly TrainingPanel panel = new();
    private LiveDisplayContext? live;

    public override T Around<T>(Func<T> training) =>
        terminal.ErrorConsole.Live(panel).AutoClear(true).Start(context =>
        {
            live = context;
            context.Refresh();
            return training();
        });

    public override void Show(TrainingReport report)
    {
        lock (drawing)
        {
            panel.Update(report, Position(report), SecondsLeft(report));
            live?.Refresh();
        }
    }

    public override void ShowSample(TrainingReport report, string prefix, string text)
    {
        lock (drawing)
        {
            var line = new Paragraph();
            string epoch = Figures.Count(report.Epoch).PadLeft(Figures.Count(report.Epochs ?? 1).Length);
            line.Append($"epoch {epoch}  {Perplexities(report)}  ", Terminal.Quiet);
            line.Append(VisibleText.Line(prefix), Terminal.Quiet);
            line.Append(VisibleText.Line(text));
            terminal.ErrorConsole.Write(new Above(line));
        }
    }

    public override void Say(string sentence)
    {
        lock (drawing)
            terminal.ErrorConsole.Write(new Above(new Text(sentence)));
    }

    public override void ShowStopping()
    {
        lock (drawing)
        {
            panel.Stopping = true;
            live?.Refresh();
        }
    }

    // Lines to stand above the live ones for good. The cursor is at their beginning when it is drawn: what they
    // leave to its right is wiped away first.
    private sealed class Above(IRenderable content) : Renderable
    {
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            [Segment.Control("\e[J"), .. content.Render(options, maxWidth), Segment.LineBreak];
    }
}

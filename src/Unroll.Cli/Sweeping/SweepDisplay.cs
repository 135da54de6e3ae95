using Spectre.Console;
using Spectre.Console.Rendering;
using Unroll.Cli.Output;

namespace Unroll.Cli.Sweeping;

/// <summary>A sweep under way: on a terminal a line for each run that learns, drawn over and over; elsewhere a line when one begins or ends.</summary>
internal sealed class SweepDisplay(SweepPlan plan, Terminal terminal)
{
    private readonly Lock drawing = new();
    private readonly Panel panel = new(plan);
    private LiveDisplayContext? live;

    /// <summary>Says what there is to do.</summary>
    public void Begin()
    {
        int finished = plan.Runs.Count(run => run.State == RunState.Finished);
        int threads = plan.ThreadsOf(0);
        terminal.Note($"{plan.Runs.Count} {(plan.Runs.Count == 1 ? "run" : "runs")} in {plan.OutFolder}"
            + (finished > 0 ? $", {finished} of them finished already" : "")
            + $"; {plan.AtOnce} at a time, {(threads == plan.ThreadsOf(plan.AtOnce - 1) ? "" : "up to ")}{Device.Threads(threads)} each");
        if (finished < plan.Runs.Count && plan.Runs.Any(run => run.Options.Contains("--budget")))
            terminal.Note("--budget goes by the clock: what else the machine does shows in the results; --updates and --epochs give the same ones always");
    }

    /// <summary>Shows the runs while they learn.</summary>
    public void Around(Action training)
    {
        if (!terminal.ErrorIsLive)
        {
            training();
            return;
        }
        terminal.ErrorConsole.Live(panel).AutoClear(true).Start(context =>
        {
            live = context;
            context.Refresh();
            training();
        });
    }

    /// <summary>Says what a run does now.</summary>
    public void Say(SweepRun run, string what)
    {
        if (terminal.ErrorIsLive)
        {
            Show();
            return;
        }
        lock (drawing)
            terminal.Note($"{run.Name} {what}");
    }

    /// <summary>Shows what has changed.</summary>
    public void Show()
    {
        lock (drawing)
            live?.Refresh();
    }

    /// <summary>Says that the runs have been told to stop.</summary>
    public void ShowStopping()
    {
        lock (drawing)
        {
            panel.Stopping = true;
            if (live == null)
                terminal.Note("stopping: the runs save what they have");
            else
                live.Refresh();
        }
    }

    private sealed class Panel(SweepPlan plan) : Renderable
    {
        public bool Stopping { get; set; }

        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
        {
            int width = maxWidth - 1;
            SweepRun[] running = [.. plan.Runs.Where(run => run.State == RunState.Running)];
            int finished = plan.Runs.Count(run => run.State == RunState.Finished), failed = plan.Runs.Count(run => run.State == RunState.Failed);
            yield return Fitting($"{finished} of {plan.Runs.Count} finished{(failed > 0 ? $", {failed} failed" : "")}{(Stopping ? "; stopping: the runs save what they have" : "")}", Terminal.Bright);
            // A screen has only so many lines.
            int names = running.Length == 0 ? 0 : running.Max(run => run.Name.GetCellWidth());
            foreach (SweepRun run in running.Take(Math.Max(1, options.ConsoleSize.Height - 3)))
            {
                yield return Segment.LineBreak;
                yield return Fitting($"{run.Name}{new string(' ', names - run.Name.GetCellWidth())}  {run.Line}", Style.Plain);
            }

            Segment Fitting(string text, Style style) => new(text[..Math.Min(text.Length, Math.Max(0, width))], style);
        }
    }
}

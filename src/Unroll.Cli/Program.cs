// The command `unroll`: finds the verb, runs it, and turns whatever goes wrong into one sentence and an exit code
// (0 success, 1 failure, 2 wrong usage, 130 interrupted).
using System.CommandLine;
using System.Diagnostics;
using System.Reflection;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Unroll.Ranks;

namespace Unroll.Cli;

internal static class Program
{
    private const string Description =
        "Trains, measures and runs recurrent language models (RNN, GRU, LSTM, CIFG) on your own text, on an ordinary CPU.";

    private static int Main(string[] words)
    {
        Launcher? launcher = ManyMachines.Find(words);
        bool speaks = launcher is null or { Rank: 0 };
        var terminal = new Terminal(silent: !speaks, isLog: launcher is not null);
        using var interruption = new Interruption(terminal);
        if (Environment.GetEnvironmentVariable(Interruption.InputVariable) != null)
            interruption.StopAtEndOfInput();
        try
        {
            int code = Run(new Session(terminal, interruption, words, Started()), launcher);
            terminal.Out.Flush();
            return speaks ? code : ManyMachines.End(code);
        }
        catch (Exception exception)
        {
            return speaks ? Failure.Report(exception, terminal) : ManyMachines.Report(exception, launcher!);
        }
    }

    private static int Run(Session session, Launcher? launcher)
    {
        Verb[] verbs = [new TrainVerb(), new GenerateVerb(), new EvaluateVerb(), new InspectVerb(), new BenchVerb(), new DataVerb(), new ServeVerb(), new ExportVerb(), new CompressVerb(), new ExpandVerb(), new ImportVerb(), new SweepVerb()];
        var help = new Option<bool>("--help", "-h", "-?") { Description = "show help", Recursive = true };
        var version = new Option<bool>("--version") { Description = "show the version" };
        var root = new RootCommand(Description);
        root.Options.Clear();
        root.Directives.Clear();
        root.Options.Add(help);
        root.Options.Add(version);
        foreach (Verb verb in verbs)
            root.Subcommands.Add(verb);

        ParseResult result = root.Parse(session.CommandLine, Verb.Plainly);
        Command command = result.CommandResult.Command;
        if (result.GetValue(help))
        {
            (command as Verb)?.NameDefaults();
            return HelpPage.Write(command, session.Terminal.Out);
        }
        if (result.GetValue(version))
        {
            session.Terminal.Out.WriteLine(Version);
            return 0;
        }
        if (session.CommandLine.Count == 0)
        {
            HelpPage.Write(root, session.Terminal.Error);
            return Failure.WrongUsage;
        }
        try
        {
            Mistakes.Check(result);
            if (launcher is not null)
                session = ManyMachines.Join(session, launcher);
            else
                ManyMachines.Look(session);
            int code = ((Verb)command).Run(result, session);
            if (launcher is not null)
                ManyMachines.Leave(session);
            return code;
        }
        catch (UsageException mistake)
        {
            return Failure.Say(session.Terminal, $"{mistake.Message} See '{HelpPage.Name(command)} --help'.", Failure.WrongUsage);
        }
    }

    // The runtime has been at work for a while when Main begins.
    private static long Started()
    {
        using Process process = Process.GetCurrentProcess();
        TimeSpan before = DateTime.Now - process.StartTime;
        return TimeProvider.System.GetTimestamp() - (long)(Math.Max(0, before.TotalSeconds) * TimeProvider.System.TimestampFrequency);
    }

    private static string Version =>
        typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}

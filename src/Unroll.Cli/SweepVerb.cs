// `unroll sweep`: many runs of `unroll train` over lists of its options.
using System.CommandLine;
using System.CommandLine.Parsing;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Unroll.Cli.Sweeping;
using Unroll.Ranks;

namespace Unroll.Cli;

internal sealed class SweepVerb : Verb
{
    private const string DefaultFolder = "sweep";

    private readonly TrainVerb train = new(); // whose options these are, and who reads every run's
    private readonly Option<string> settings = Taking(
        "--settings", "FILE", "a line of options for each run, such as --hidden 128 --lr 0.002; its options go before those given here [default: one combination of the lists a run]");
    private readonly Option<string> outFolder = Taking(
        "--out-folder", "FOLDER", $"where models, logs and plots go, under the names of the runs; with the same command again, what is finished there stays [default: {DefaultFolder}]");
    private readonly Option<string> runs = Taking("--runs", "N", "runs at a time [default: one per thread]");
    private readonly Option<string> threads = ThreadsOption(", shared out among the runs; the results do not depend on it");
    private readonly Option<bool> json = Switch(
        "--json", "one JSON object instead of a table: runs [{name, state, options, model, log, updates, tokens, seconds, training, validation, error}], the best first");

    public SweepVerb() : base("sweep", "Trains a model for every combination of lists of options, several at a time, and compares them.")
    {
        Arguments.Add(train.Texts);
        Group("Sweep", settings, outFolder, runs, threads, json);
        foreach ((string heading, IReadOnlyList<Option> options) in train.Choices.Where(group => group.Options.Count > 0))
            Group(heading == "Output" ? "Of every run" : heading, options);
        Remarks.Add("Every option of unroll train that has one value takes a list here, such as --hidden 128,256, and every combination is a run: a process of "
            + "unroll train, whose model is the same to the byte as if it had been started alone. A run that fails disturbs no other. Ctrl-C stops all, which save; the same command "
            + "goes on with those that were stopped, tries those again that failed, and shows those that are finished. The same command started several times, on several "
            + "machines with one folder too, shares the runs out.");
        Examples.Add(("unroll sweep my-text.txt --hidden 128,256 --lr 0.002,0.004 --seed 1,2 --updates 2000", "eight runs, and a table of them"));
        Examples.Add(("unroll sweep my-text.txt --settings runs.txt --epochs 20 --out-folder cells", "a run for each line of a file"));
        Examples.Add(("unroll serve sweep", "their curves and models in a browser"));
    }

    public override void NameDefaults() => train.NameDefaults();

    public override int Run(ParseResult arguments, Session session)
    {
        string[] texts = arguments.GetValue(train.Texts) ?? [];
        if (texts.Contains("-"))
            throw new UsageException("Standard input (-) can be read once only, and every run reads the text: name a file.");
        string folder = arguments.GetValue(outFolder) is string given and not "" ? given : DefaultFolder;
        IReadOnlyList<Choice>[] combinations = [.. Lines(arguments).SelectMany(line => Combinations(arguments, line))];
        IReadOnlyList<SweepRun> all = SweepGrid.Name(texts, combinations, folder);
        foreach (SweepRun run in all)
            Check(run, session, all.Count == 1 ? "" : $"The run {run.Name} is impossible: ");
        Launcher? launcher = Launcher.Find();
        int workers = Threads(arguments, threads) is int many and > 0 ? many : launcher != null ? ManyMachines.ThreadsEach(launcher) : Environment.ProcessorCount;
        var plan = new SweepPlan
        {
            Runs = all,
            OutFolder = folder,
            AtOnce = Math.Min(all.Count, arguments.GetValue(runs) is string number ? Value.Count(runs.Name, number, 1, 1024) : workers),
            Threads = workers,
            Rank = launcher?.Rank,
            Json = arguments.GetValue(json),
        };
        IReadOnlyList<string> files = texts.Length == 0 ? [] : TextArguments.Open(texts, session).Files ?? [];
        return new SweepCommand(plan, files, session).Go();
    }

    // What each line of the settings says; one of nothing where there are none.
    private List<ParseResult?> Lines(ParseResult arguments)
    {
        if (arguments.GetValue(settings) is not string path)
            return [null];
        var lines = new List<ParseResult?>();
        int number = 0;
        foreach (string line in File.Exists(path) ? File.ReadLines(path) : throw new UsageException($"There is no file '{path}' for --settings."))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.TrimStart()[0] == '#')
                continue;
            ParseResult words = train.Parse([.. CommandLineParser.SplitCommandLine(line)], Plainly);
            try
            {
                Mistakes.Check(words);
                Option[] choices = [.. train.Choices.SelectMany(group => group.Options)];
                if (words.GetValue(train.Texts) is [string text, ..])
                    throw new UsageException($"a line has options only, not '{text}'.");
                if (words.CommandResult.Children.OfType<OptionResult>().FirstOrDefault(option => !option.Implicit && !choices.Contains(option.Option)) is { } own)
                    throw new UsageException($"{own.Option.Name} is not for single runs of a sweep.");
            }
            catch (UsageException mistake)
            {
                throw new UsageException($"{path}, line {number}: {mistake.Message}");
            }
            lines.Add(words);
        }
        return lines.Count > 0 ? lines : throw new UsageException($"{path} has no line of options.");
    }

    private IReadOnlyList<IReadOnlyList<Choice>> Combinations(ParseResult arguments, ParseResult? line)
    {
        var lists = new List<(string, IReadOnlyList<string?>)>();
        foreach (Option option in train.Choices.SelectMany(group => group.Options))
        {
            OptionResult? result = line?.GetResult(option) is { Implicit: false } own ? own : arguments.GetResult(option);
            if (result is { Implicit: false })
                lists.Add((option.Name, result.Tokens is [Token value, ..] ? [.. SweepGrid.Values(option.Name, option.HelpName, value.Value)] : [null]));
        }
        return SweepGrid.Combine(lists);
    }

    // Before the first run begins, so that nobody waits for an hour to be told.
    private void Check(SweepRun run, Session session, string name)
    {
        try
        {
            ParseResult words = train.Parse([.. run.Words(threads: 1, resume: false).Skip(1)], Plainly);
            Mistakes.Check(words);
            train.Check(words, session);
        }
        catch (UsageException mistake)
        {
            throw new UsageException(name + mistake.Message);
        }
        catch (UnrollException mistake)
        {
            throw new UnrollException(name + mistake.Describe(Flags.Of), mistake);
        }
    }
}

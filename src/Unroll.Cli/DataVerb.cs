// `unroll data`: the texts that Unroll knows by name.
using System.CommandLine;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Unroll.Data.Sources;

namespace Unroll.Cli;

internal sealed class DataVerb : Verb
{
    private readonly Option<bool> json = Switch("--json", "one JSON object instead of a table: datasets [{name, description, path}]");

    public DataVerb() : base("data", "Lists the named datasets, fetches them, or says where they are; and what is kept of long texts.")
    {
        Subcommands.Add(new ListVerb());
        Subcommands.Add(new GetVerb());
        Subcommands.Add(new WhereVerb());
        Subcommands.Add(new CacheVerb());
        Group("Options", json);
        Remarks.Add("A dataset is looked for in the folder that the environment variable UNROLL_DATA names, then in the user's cache folder; "
            + "otherwise it is downloaded there and checked. Wherever a text is asked for, its name will do.");
        Examples.Add(("unroll data get timemachine", "fetch the textbook's text"));
        Examples.Add(("unroll train timemachine --preset textbook", "and learn from it"));
    }

    public override int Run(ParseResult arguments, Session session) => List(arguments.GetValue(json), session.Terminal);

    private static int List(bool json, Terminal terminal)
    {
        DatasetJson[] datasets = [.. Dataset.All.Select(dataset => new DatasetJson(dataset.Name, dataset.Description, dataset.PathIfPresent()))];
        if (json)
        {
            JsonOutput.Write(terminal.Out, new DataJson(datasets), JsonOutput.Readable.DataJson);
            return 0;
        }
        var facts = new Facts();
        foreach (Dataset dataset in Dataset.All)
            facts.Add(dataset.Name, Figures.Bytes(dataset.Bytes), $"{dataset.Description}\n{dataset.PathIfPresent() ?? "not on this machine yet"}");
        facts.Write(terminal.Out, terminal.OutWidth);
        return 0;
    }

    private static Dataset Find(string[]? names) => names switch
    {
        [string name] => Dataset.Find(name)
            ?? throw new UnrollException($"There is no dataset \"{name}\"; there are {TextArguments.DatasetNames}."),
        [_, string extra, ..] => throw new UsageException($"Unexpected argument '{extra}'."),
        _ => throw new UsageException("The dataset's name is missing."),
    };

    private static Argument<string[]> NameArgument() => new("NAME") { Description = "the dataset", Arity = ArgumentArity.ZeroOrMore };

    private sealed class ListVerb : Verb
    {
        private readonly Option<bool> json = Switch("--json", "one JSON object instead of a table");

        public ListVerb() : base("list", "Lists the named datasets and where they are.") => Group("Options", json);

        public override int Run(ParseResult arguments, Session session) => List(arguments.GetValue(json), session.Terminal);
    }

    private sealed class GetVerb : Verb
    {
        private readonly Argument<string[]> name = NameArgument();

        public GetVerb() : base("get", "Fetches a dataset unless it is there, and prints its path.") => Arguments.Add(name);

        public override int Run(ParseResult arguments, Session session)
        {
            session.Terminal.Out.WriteLine(TextArguments.Get(Find(arguments.GetValue(name)), session));
            return 0;
        }
    }

    private sealed class WhereVerb : Verb
    {
        private readonly Argument<string[]> name = NameArgument();

        public WhereVerb() : base("where", "Prints a dataset's path, or without a name the folders that are searched.")
        {
            name.HelpName = "[NAME]";
            Arguments.Add(name);
        }

        public override int Run(ParseResult arguments, Session session)
        {
            if (arguments.GetValue(name) is not { Length: > 0 } names)
            {
                foreach (string folder in DatasetFolders.Ours.Search)
                    session.Terminal.Out.WriteLine(folder);
                return 0;
            }
            Dataset dataset = Find(names);
            session.Terminal.Out.WriteLine(dataset.PathIfPresent()
                ?? throw new UnrollException($"{dataset.Name} is not on this machine; unroll data get {dataset.Name} fetches it."));
            return 0;
        }
    }
}

// What every verb of the command is: a System.CommandLine command with its options in named groups, examples for the
// end of its help page, and the work itself.
using System.CommandLine;
using Unroll.Cli.Output;
using Unroll.Kernels;

namespace Unroll.Cli.Arguments;

/// <summary>A verb of the command line.</summary>
internal abstract class Verb(string name, string description) : Command(name, description)
{
    /// <summary>How words are read: a prefix may begin with @, which is no file of options here.</summary>
    public static ParserConfiguration Plainly => new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>Options under a heading, in the order of the help page.</summary>
    public List<(string Heading, IReadOnlyList<Option> Options)> Groups { get; } = [];

    /// <summary>Things by name under a heading, after the options.</summary>
    public List<(string Heading, IReadOnlyList<(string Name, string Text)> Rows)> Tables { get; } = [];

    /// <summary>Command lines worth copying, each with what it does.</summary>
    public List<(string CommandLine, string Purpose)> Examples { get; } = [];

    /// <summary>More to say on the help page, in paragraphs before the examples.</summary>
    public List<string> Remarks { get; } = [];

    /// <summary>Adds the defaults to what options say of themselves, where finding them out takes time: only before the help page is written.</summary>
    public virtual void NameDefaults()
    {
    }

    /// <summary>Does the work.</summary>
    /// <returns>The exit code.</returns>
    public abstract int Run(ParseResult arguments, Session session);

    /// <summary>An option that takes a value; what it may be, the verb checks itself.</summary>
    /// <param name="name">Its name, with its dashes.</param>
    /// <param name="value">What stands for the value on the help page.</param>
    /// <param name="description">What it does, with unit and default.</param>
    protected static Option<string> Taking(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    /// <summary>An option that is there or is not.</summary>
    protected static Option<bool> Switch(string name, string description) => new(name) { Description = description };

    /// <summary>The option that every verb with arithmetic has.</summary>
    protected static Option<string> ThreadsOption(string remark = "") => Taking("--threads", "N", $"threads; 0 = one per core{remark} [default: 0]");

    /// <summary>The number of threads asked for; 0 = one per core.</summary>
    protected static int Threads(ParseResult arguments, Option<string> option) =>
        arguments.GetValue(option) is string many ? Value.Count(option.Name, many, 0, ThreadTeam.Most) : 0;

    /// <summary>The option of verbs that predict by a model.</summary>
    protected static Option<string> MemoryOption() =>
        Taking("--memory", "on|off", "whether the model's memory of counts, if it has one, predicts beside its networks [default: on]");

    /// <summary>The model as that option wants it.</summary>
    protected static LanguageModel WithMemory(LanguageModel model, ParseResult arguments, Option<string> option) =>
        arguments.GetValue(option) is not string choice || Value.Switch(option.Name, choice) ? model : model.WithoutMemory();

    /// <summary>Adds options under a heading.</summary>
    protected void Group(string heading, params IReadOnlyList<Option> options)
    {
        Groups.Add((heading, options));
        foreach (Option option in options)
            Options.Add(option);
    }
}

// One option of `train` and the property of an options record that it sets. Parsed by hand, so that every mistake gets
// a sentence that names the option and what it takes.
using System.CommandLine;

namespace Unroll.Cli.Arguments;

/// <summary>An option that sets one property of an options record.</summary>
/// <typeparam name="TRecord">The options record.</typeparam>
/// <param name="name">The option's name, with its dashes.</param>
/// <param name="value">What stands for the value on the help page; null for a switch, which has none.</param>
/// <param name="description">What it does, with the unit.</param>
/// <param name="set">Gives a record with the property set from the text after the option.</param>
/// <param name="get">The property's value as one would type it; empty where it does not apply.</param>
/// <param name="aliases">Other names of the option, which the help page does not show.</param>
internal sealed class Setting<TRecord>(
    string name, string? value, string description, Func<TRecord, string, TRecord> set, Func<TRecord, string> get, params string[] aliases)
{
    /// <summary>The option for the parser.</summary>
    public Option<string> Option { get; } = new(name, aliases)
    {
        Description = description,
        HelpName = value,
        Arity = value == null ? ArgumentArity.Zero : ArgumentArity.ExactlyOne,
    };

    /// <summary>The property's value as one would type it; empty where it does not apply.</summary>
    public string Get(TRecord record) => get(record);

    /// <summary>The record with the property set, if the option was given.</summary>
    public TRecord Apply(TRecord record, ParseResult arguments) => IsGiven(arguments) ? set(record, arguments.GetValue(Option) ?? "") : record;

    /// <summary>Whether the option stands on the command line.</summary>
    public bool IsGiven(ParseResult arguments) => arguments.GetResult(Option) != null;
}

// Says in one sentence what is wrong with a command line. Refuses to print the whole help page over it.
using System.CommandLine;
using System.CommandLine.Parsing;

namespace Unroll.Cli.Arguments;

/// <summary>Finds what was typed wrongly and, where it looks like a slip, what was meant.</summary>
internal static class Mistakes
{
    /// <summary>Throws if the command line does not make sense.</summary>
    /// <exception cref="UsageException">It does not.</exception>
    public static void Check(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        // Behind -- even what looks like an option is none.
        Token[] behind = [.. result.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash)];
        IEnumerable<string> words = result.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
            .Except(behind, ReferenceEqualityComparer.Instance).Cast<Token>().Select(token => token.Value)
            .Concat(result.UnmatchedTokens.Except(behind.Select(token => token.Value)));
        foreach (string word in words)
        {
            if (word.Length > 1 && word[0] == '-')
                throw new UsageException($"There is no option {word.Split('=')[0]}{Meant(word.Split('=')[0], Options(result.CommandResult))}");
        }
        if (result.UnmatchedTokens is [string extra, ..])
        {
            throw new UsageException(command.Subcommands.Count > 0
                ? $"There is no verb '{extra}'{Meant(extra, command.Subcommands.Select(verb => verb.Name))}"
                : $"Unexpected argument '{extra}'.");
        }
        foreach (OptionResult option in result.CommandResult.Children.OfType<OptionResult>())
        {
            if (option.Tokens.Count < option.Option.Arity.MinimumNumberOfValues * option.IdentifierTokenCount)
                throw new UsageException($"{option.Option.Name} needs a value: {option.Option.HelpName}.");
            if (option.IdentifierTokenCount > 1 && option.Option.Arity.MaximumNumberOfValues <= 1)
                throw new UsageException($"{option.Option.Name} is given {option.IdentifierTokenCount} times.");
        }
        if (command is not Verb)
            throw new UsageException($"A verb is missing: {string.Join(", ", command.Subcommands.Select(verb => verb.Name))}.");
        // A verb with verbs of its own may stand alone.
        if (result.Errors.FirstOrDefault(error => error.SymbolResult is not CommandResult) is ParseError error)
            throw new UsageException(error.Message);
    }

    private static IEnumerable<string> Options(CommandResult? result)
    {
        for (; result != null; result = result.Parent as CommandResult)
        {
            foreach (Option option in result.Command.Options)
                yield return option.Name;
        }
    }

    private static string Meant(string word, IEnumerable<string> candidates)
    {
        (string? name, int distance) = candidates.Select(candidate => ((string?)candidate, Distance(word, candidate))).DefaultIfEmpty((null, 0))
            .MinBy(pair => pair.Item2);
        return name != null && distance <= Math.Max(2, word.Length / 3) && distance < word.Length ? $"; did you mean {name}?" : ".";
    }

    // Levenshtein's: the fewest insertions, deletions and replacements that make one word of the other.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}

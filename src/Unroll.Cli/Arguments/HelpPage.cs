using System.CommandLine;
using System.Text;

namespace Unroll.Cli.Arguments;

/// <summary>A command's help page: what it does, how it is typed, its options by group, and examples to copy.</summary>
internal static class HelpPage
{
    private const int Width = 100;

    /// <summary>Writes the page.</summary>
    /// <returns>The exit code for success.</returns>
    public static int Write(Command command, TextWriter writer)
    {
        writer.WriteLine(command.Description);
        writer.WriteLine();
        writer.WriteLine($"Usage: {Name(command)}{Usage(command)}");
        Section(writer, "Arguments", [.. command.Arguments.Select(argument => (argument.HelpName ?? argument.Name, argument.Description ?? ""))]);
        Section(writer, "Verbs", [.. command.Subcommands.Select(verb => (verb.Name + Usage(verb, brief: true), verb.Description ?? ""))]);
        if (command is Verb described)
        {
            foreach ((string heading, IReadOnlyList<Option> options) in described.Groups)
                Section(writer, heading, [.. options.Select(option => (Title(option), option.Description ?? ""))]);
            foreach ((string heading, IReadOnlyList<(string, string)> rows) in described.Tables)
                Section(writer, heading, rows);
            foreach (string remark in described.Remarks)
            {
                writer.WriteLine();
                Wrap(writer, remark, 0, 0);
            }
            Examples(writer, described);
        }
        else
        {
            Section(writer, "Options", [.. command.Options.Select(option => (Title(option), option.Description ?? ""))]);
            writer.WriteLine();
            writer.WriteLine($"'{Name(command)} VERB --help' says more about a verb.");
        }
        return 0;
    }

    /// <summary>The command as one types it, such as <c>unroll data get</c>.</summary>
    public static string Name(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is Command parent ? $"{Name(parent)} {command.Name}" : "unroll";

    private static string Usage(Command command, bool brief = false)
    {
        var usage = new StringBuilder();
        if (command.Subcommands.Count > 0)
            usage.Append(command is Verb ? " [VERB]" : " VERB");
        foreach (Argument argument in command.Arguments)
            usage.Append(' ').Append(argument.HelpName ?? argument.Name);
        if (!brief)
            usage.Append(" [OPTIONS]");
        return usage.ToString();
    }

    private static string Title(Option option) =>
        string.Join(", ", option.Aliases.Where(alias => alias != "-?").Prepend(option.Name)) + (option.HelpName == null ? "" : $" {option.HelpName}");

    private static void Section(TextWriter writer, string heading, IReadOnlyList<(string Title, string Text)> rows)
    {
        if (rows.Count == 0)
            return;
        writer.WriteLine();
        writer.WriteLine($"{heading}:");
        int column = Math.Min(34, rows.Max(row => row.Title.Length) + 4);
        foreach ((string title, string text) in rows)
        {
            writer.Write($"  {title}");
            if (title.Length + 4 > column)
            {
                writer.WriteLine();
                Wrap(writer, text, 0, column);
            }
            else
                Wrap(writer, text, title.Length + 2, column);
        }
    }

    private static void Examples(TextWriter writer, Verb verb)
    {
        if (verb.Examples.Count == 0)
            return;
        writer.WriteLine();
        writer.WriteLine(verb.Examples.Count == 1 ? "Example:" : "Examples:");
        foreach ((string commandLine, string purpose) in verb.Examples)
        {
            writer.WriteLine($"  {commandLine}");
            Wrap(writer, purpose, 0, 6);
        }
    }

    // Text that begins at a column of the present line and goes on at an indent.
    private static void Wrap(TextWriter writer, string text, int column, int indent)
    {
        bool first = true;
        foreach (string word in text.Split(' '))
        {
            if (first || column + 1 + word.Length > Width)
            {
                if (!first)
                {
                    writer.WriteLine();
                    column = 0;
                }
                writer.Write(new string(' ', Math.Max(0, indent - column)));
                column = Math.Max(column, indent);
            }
            else
            {
                writer.Write(' ');
                column++;
            }
            writer.Write(word);
            column += word.Length;
            first = false;
        }
        writer.WriteLine();
    }
}

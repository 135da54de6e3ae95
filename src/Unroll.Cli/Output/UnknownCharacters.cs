using System.Globalization;
using Unroll.Data;

namespace Unroll.Cli.Output;

/// <summary>Warns about the parts of a prefix that a model has never seen.</summary>
internal static class UnknownCharacters
{
    private const int Named = 10;

    /// <summary>Names the unknown tokens of a prefix on standard error.</summary>
    public static void Warn(string prefix, Vocabulary vocabulary, Terminal terminal)
    {
        string[] unknown = [.. Find(prefix, vocabulary)];
        if (unknown.Length == 0)
            return;
        string names = string.Join(", ", unknown.Take(Named).Select(token => $"'{VisibleText.Token(token)}'"));
        string rest = unknown.Length > Named ? $" and {unknown.Length - Named} more" : "";
        terminal.Warn($"the model does not know {names}{rest} in the prefix; it reads {Vocabulary.UnknownToken} there.");
    }
}

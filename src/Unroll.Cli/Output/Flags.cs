using Unroll.Options;

namespace Unroll.Cli.Output;

/// <summary>What the command line calls the library's options: an option's name in JSON, or else its property's, in small
/// letters with dashes.</summary>
internal static class Flags
{
    private static readonly Lazy<Dictionary<string, string>> JsonNames = new(() => new[]
    {
        OptionsList.Names(new ModelOptions(), ModelOptions.Pass), OptionsList.Names(new TextOptions(), TextOptions.Pass),
        OptionsList.Names(new CorpusOptions(), CorpusOptions.Pass), OptionsList.Names(new TrainingOptions(), TrainingOptions.Pass),
    }.SelectMany(names => names).ToDictionary(name => name.Property, name => name.Json));

    /// <summary>The flag of a property, such as <c>--reset-gate</c>.</summary>
    public static string Of(string property)
    {
        string name = property switch
        {
            nameof(GenerationOptions.StopSequences) => "stop",
            nameof(GenerationOptions.AllowedCharacters) => "allow",
            _ => JsonNames.Value.GetValueOrDefault(property, property),
        };
        return "--" + string.Concat(name.Select((letter, i) =>
            !char.IsAsciiLetterUpper(letter) ? $"{letter}" : i == 0 ? $"{char.ToLowerInvariant(letter)}" : $"-{char.ToLowerInvariant(letter)}"));
    }
}

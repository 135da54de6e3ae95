using Unroll.Tests.Model;

namespace Unroll.Tests.Looking;

/// <summary>Texts for models of token numbers.</summary>
internal static class Traces
{
    /// <summary>A case's own text of so many tokens. An end of a document that would have no token is none.</summary>
    public static string TextOf(ModelCase kind, int seed, int tokens) => TextOf(kind.Model().Vocabulary, kind.Ids(seed, tokens));

    /// <summary>The text of ids; a token that no vocabulary has stands for 0.</summary>
    public static string TextOf(Vocabulary vocabulary, IEnumerable<int> ids) =>
        string.Concat(ids.Select(id => id == Vocabulary.UnknownId ? "?" : id == vocabulary.EndId ? "\n" : vocabulary[id]));

    /// <summary>Reads a text once.</summary>
    public static UnitTrace Read(LanguageModel model, string text)
    {
        using var reader = new UnitReader(model);
        return reader.Read(text);
    }
}

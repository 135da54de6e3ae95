// What tokens are called where they stand by themselves. Bytes that are no text have no character to be shown by, and U+FFFD
// for each would make one name of them all.
using System.Text;

namespace Unroll.Web.Api;

/// <summary>Tokens and their log-probabilities, as JSON has them.</summary>
internal static class TokenNames
{
    /// <summary>JSON knows no infinity: what cannot come at all is as unlikely as this.</summary>
    private const float Least = -9999;

    /// <summary>A token that has come: its text, or its bytes by number where they are no whole characters.</summary>
    public static string Of(in GeneratedToken token, Vocabulary vocabulary) => Bytes(token.Id, vocabulary) ?? token.Text;

    /// <summary>A token that might have come.</summary>
    public static string Of(int id, Vocabulary vocabulary) =>
        Bytes(id, vocabulary) ?? vocabulary.Tokenization.Joiner + vocabulary.Tokenization.TextOf(vocabulary[id]);

    /// <summary>A number that JSON can hold; null where there is none.</summary>
    public static float? Number(float logProbability) => float.IsNaN(logProbability) ? null : Finite(logProbability);

    /// <summary>A number that JSON can hold.</summary>
    public static float Finite(float logProbability) => logProbability >= Least ? logProbability : Least;

    /// <summary>A token's bytes of UTF-8.</summary>
    public static byte[] Utf8(string text, int id, Vocabulary vocabulary) => vocabulary.Tokenization.BytesOf(vocabulary[id]) ?? Encoding.UTF8.GetBytes(text);

    private static string? Bytes(int id, Vocabulary vocabulary) => vocabulary.Tokenization.BytesOf(vocabulary[id]) is not { } bytes ? null
        : System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : "bytes:" + string.Concat(bytes.Select(value => $"\\x{value:x2}"));
}

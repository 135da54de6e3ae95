using System.Text;

namespace Unroll.Checkpoints;

/// <summary>Writes text as JSON strings with no more escapes than JSON wants. The platform's encoders escape what their
/// table of Unicode does not know; a model file's bytes must not depend on how new that table is.</summary>
internal static class JsonText
{
    /// <summary>A JSON string.</summary>
    public static string Quote(string text) => Append(new StringBuilder(text.Length + 2), text).ToString();

    /// <summary>A JSON array of strings.</summary>
    public static string QuoteAll(IReadOnlyList<string> texts)
    {
        var array = new StringBuilder("[");
        for (int i = 0; i < texts.Count; i++)
            Append(i == 0 ? array : array.Append(','), texts[i]);
        return array.Append(']').ToString();
    }

    private static StringBuilder Append(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (char letter in text)
        {
            _ = letter switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                < ' ' => json.Append("\\u00").Append(letter < 16 ? '0' : '1').Append("0123456789abcdef"[letter & 15]),
                _ => json.Append(letter),
            };
        }
        return json.Append('"');
    }
}

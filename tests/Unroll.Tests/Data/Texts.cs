using System.Text;
using CsCheck;
using Unroll.Data.Tokens;

namespace Unroll.Tests.Data;

/// <summary>Texts that are hard on whoever splits them, and ways to hand them over.</summary>
internal static class Texts
{
    private static readonly Gen<string> Character = Gen.Frequency(
        (6, Gen.Char['a', 'e'].Select(c => c.ToString())),
        (3, Gen.OneOf(" ", "  ", "\n", "\r\n", "\r", "\t", "\u3000")),
        (2, Gen.OneOf("'", "’", ".", ", ", "—", "_", "7")),
        (2, Gen.OneOf("é", "e\u0301", "ß", "Ω", "Ж", "ا", "हि")),
        (2, Gen.OneOf("時", "光", "の", "テ", "ไทย", "。")),
        (2, Gen.OneOf("😀", "👩\u200D🚀", "❤\uFE0F", "𝒳", "𠀀", "\U0010FFFF")),
        (1, Gen.Int[0, 0x10FFFF].Where(n => n is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32)));

    /// <summary>Any text that a file can hold.</summary>
    public static readonly Gen<string> Unicode = Character.List[0, 60].Select(string.Concat);

    /// <summary>Any string at all: halves of surrogate pairs too.</summary>
    public static readonly Gen<string> AnyString = Gen.OneOf(
        Unicode,
        Gen.Frequency((4, Character), (1, Gen.Char['\uD800', '\uDFFF'].Select(c => c.ToString()))).List[0, 60].Select(string.Concat));

    private static readonly Vocabulary[] Learned = [.. Enum.GetValues<Cleaning>().Select(clean => Vocabulary.Build(
        [.. Enumerable.Repeat("abc bad cab, abe's bed  時光機 the time\n\nmachine don't naïve e\u0301 हि 😀👩\u200D🚀 onelongword 77", 3)],
        new TextOptions { Tokens = TokenKind.Bpe, Clean = clean }))];

    /// <summary>How a text becomes tokens; where that must be learnt, with merges that such texts have a use for.</summary>
    public static Tokenization Tokens(TextOptions options) => options.Tokens != TokenKind.Bpe ? Tokenization.Of(options)
        : options.Documents == DocumentKind.None ? Learned[(int)options.Clean].Tokenization
        : Tokenization.Of(options, [.. Learned[0].Tokens, Vocabulary.EndToken]);

    /// <summary>What reading makes of a string: see TextSource.</summary>
    public static string AsRead(string text)
    {
        string whole = string.Concat(text.EnumerateRunes().Select(rune => rune.ToString())).Replace("\r\n", "\n");
        return whole.StartsWith('\uFEFF') ? whole[1..] : whole;
    }

    public static string ReadAll(TextSource source)
    {
        var text = new StringBuilder();
        foreach (ReadOnlyMemory<char> piece in source.Read())
            text.Append(piece);
        return text.ToString();
    }

    /// <summary>A text that arrives in pieces of given sizes, used in turn, that split no surrogate pair.</summary>
    public static IEnumerable<ReadOnlyMemory<char>> Cut(string text, int[] sizes)
    {
        for (int start = 0, i = 0; start < text.Length; i++)
        {
            int end = Math.Min(text.Length, start + sizes[i % sizes.Length]);
            if (end < text.Length && char.IsLowSurrogate(text[end]))
                end++;
            yield return text.AsMemory(start, end - start);
            start = end;
        }
    }

    /// <summary>All that a reader of ids hands out, asked for in portions of given sizes, used in turn.</summary>
    public delegate int Reader(Span<int> ids);

    public static int[] Drain(Reader read, params int[] sizes)
    {
        var all = new List<int>();
        for (int i = 0; ; i++)
        {
            int[] ids = new int[sizes[i % sizes.Length]];
            int count = read(ids);
            all.AddRange(ids.AsSpan(0, count));
            if (count < ids.Length)
                return [.. all];
        }
    }
}

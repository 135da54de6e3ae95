// Which tokens a text may be made of, where only some characters are allowed. A token that is text must be made of them; a byte
// is allowed where it begins or continues the UTF-8 of one, so that no other character comes out in pieces.
using System.Text;
using Unroll.Data.Tokens;

namespace Unroll.Generation;

/// <summary>The tokens that some characters allow. Immutable, but for what it remembers of its own answers.</summary>
internal sealed class Alphabet
{
    /// <summary>Where a text stands that ends with a whole character.</summary>
    public const long Whole = 1;

    private const long Refused = 0;

    private readonly List<(int First, int Last)> characters = [];
    private readonly HashSet<long> begun = [], complete = []; // UTF-8 of allowed characters, or of their beginnings, behind a 1
    private readonly bool[] texts; // [V]
    private readonly byte[]?[] bytes; // [V]: of tokens that are not text
    private readonly Dictionary<long, bool[]> allowed = [];

    /// <param name="allowed">The characters, as <see cref="GenerationOptions.AllowedCharacters"/> says.</param>
    /// <param name="vocabulary">The tokens.</param>
    /// <exception cref="OptionsException">A range goes backwards, or no token is left.</exception>
    public Alphabet(string allowed, Vocabulary vocabulary)
    {
        Read(allowed);
        var tokens = vocabulary.Tokenization;
        bytes = [.. vocabulary.Tokens.Select(tokens.BytesOf)];
        texts = [.. vocabulary.Tokens.Select((token, id) => id != Vocabulary.UnknownId && bytes[id] is null && (id == vocabulary.EndId || token.EnumerateRunes().All(Holds)))];
        if (bytes.Any(value => value is not null))
            SpellOut();
        OptionsException.Require(Allowed(Whole).Where((_, id) => id != vocabulary.EndId).Contains(true), nameof(GenerationOptions.AllowedCharacters),
            $"leaves no token: the model knows none that is made of '{allowed}' alone.");
    }

    /// <summary>Checks that characters and ranges make sense.</summary>
    /// <exception cref="OptionsException">A range goes backwards.</exception>
    public static void Check(string allowed) => new Alphabet().Read(allowed);

    private Alphabet() => (texts, bytes) = ([], []);

    /// <summary>Which tokens may come next.</summary>
    /// <param name="place">Where the text stands: <see cref="Whole"/>, or what <see cref="After"/> returned.</param>
    /// <returns>[V]</returns>
    public bool[] Allowed(long place)
    {
        if (!allowed.TryGetValue(place, out bool[]? known))
            allowed[place] = known = [.. Enumerable.Range(0, texts.Length).Select(id => After(place, id) != Refused)];
        return known;
    }

    /// <summary>Where a text stands after one token more, which must be allowed.</summary>
    public long After(long place, int id)
    {
        if (bytes[id] is not { } values)
            return place == Whole && texts[id] ? Whole : Refused;
        foreach (byte value in values)
        {
            place = place << 8 | value;
            if (complete.Contains(place))
                place = Whole;
            else if (!begun.Contains(place))
                return Refused;
        }
        return place;
    }

    // Characters and ranges of them such as a-z; a hyphen at an end or next to a range is itself.
    private void Read(string text)
    {
        int[] runes = [.. text.EnumerateRunes().Select(rune => rune.Value)];
        for (int i = 0; i < runes.Length; i++)
        {
            bool isRange = i + 2 < runes.Length && runes[i + 1] == '-';
            int last = isRange ? runes[i + 2] : runes[i];
            OptionsException.Require(runes[i] <= last, nameof(GenerationOptions.AllowedCharacters),
                $"has the range '{new Rune(runes[i])}-{new Rune(last)}', which goes backwards: put the hyphen first if you mean the hyphen itself.");
            characters.Add((runes[i], last));
            i += isRange ? 2 : 0;
        }
    }

    private bool Holds(Rune rune) => characters.Exists(range => rune.Value >= range.First && rune.Value <= range.Last);

    private void SpellOut()
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach ((int first, int last) in characters)
        {
            for (int value = first; value <= last; value++)
            {
                if (!Rune.TryCreate(value, out Rune rune))
                    continue; // halves of surrogate pairs
                long place = Whole;
                foreach (byte part in utf8[..rune.EncodeToUtf8(utf8)])
                {
                    begun.Add(place);
                    place = place << 8 | part;
                }
                complete.Add(place);
            }
        }
    }
}

// Tokens and their ids, and nothing about where they came from: counting a text is Corpus's and TextStatistics' job.
using System.Text;
using Unroll.Data.Tokens;

namespace Unroll;

/// <summary>Tokens and their ids, both ways (d2l 8.2).</summary>
public sealed class Vocabulary
{
    /// <summary>The token that stands for every unknown one; its id is 0.</summary>
    public const string UnknownToken = "<unk>";

    /// <summary>The token that ends a document (<see cref="TextOptions.Documents"/>).</summary>
    public const string EndToken = "<end>";

    /// <summary>The id of the unknown token.</summary>
    public const int UnknownId = 0;

    private readonly Dictionary<string, int> ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;

    /// <summary>A vocabulary whose tokens are known, in id order (as a model file holds it).</summary>
    /// <exception cref="UnrollException">The first token is not the unknown one, a token is missing or occurs twice, or
    /// <paramref name="text"/> makes no sense.</exception>
    public Vocabulary(IReadOnlyList<string> tokens, TextOptions text)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(text);
        text.Validate();
        if (tokens.Count == 0 || tokens[UnknownId] != UnknownToken)
            throw new UnrollException($"The vocabulary is damaged: its first token must be {UnknownToken}.");
        string[] list = new string[tokens.Count];
        ids = new Dictionary<string, int>(tokens.Count);
        for (int id = 0; id < list.Length; id++)
        {
            list[id] = tokens[id] ?? throw new UnrollException($"The vocabulary is damaged: token {id} is missing.");
            if (!ids.TryAdd(list[id], id))
                throw new UnrollException($"The vocabulary is damaged: tokens {ids[list[id]]} and {id} are the same, \"{list[id]}\".");
        }
        lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        Tokens = Array.AsReadOnly(list);
        Text = text;
        Tokenization = Tokenization.Of(text, Tokens);
        if (text.Documents != DocumentKind.None)
            EndId = ids.TryGetValue(EndToken, out int end) ? end : throw new UnrollException($"The vocabulary is damaged: it has no {EndToken}, which ends a document.");
    }

    /// <summary>The number of tokens, V.</summary>
    public int Count => Tokens.Count;

    /// <summary>The tokens in id order. A byte is written as its hexadecimal number, <c>&lt;0x41&gt;</c>; of byte pairs, which are
    /// text, only what is no whole character. Byte pairs stand in the order in which they were learnt, after the bytes; behind them the
    /// mark that ends a document, where a text has any.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>The id of the token that ends a document; null where a text has none.</summary>
    public int? EndId { get; }

    /// <summary>How a text becomes these tokens.</summary>
    public TextOptions Text { get; }

    /// <summary>The same, with these tokens in mind.</summary>
    internal Tokenization Tokenization { get; }

    /// <summary>Whether the commonest tokens come first.</summary>
    internal bool IsByFrequency => !Tokenization.IsLearned;

    /// <summary>The token of an id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string this[int id] => (uint)id < (uint)Count
        ? Tokens[id]
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"The vocabulary's ids go from 0 to {Count - 1}.");

    /// <summary>The id of a token; an unknown token's is 0.</summary>
    public int this[string token] => ids.GetValueOrDefault(token, UnknownId);

    /// <summary>Counts tokens and orders them: the unknown token, the reserved ones, then by falling count, ties in first-seen
    /// order. All 256 bytes are in a vocabulary of bytes, those not seen after the others in byte order. A vocabulary of byte pairs is
    /// learnt from the tokens, as pieces of text: at most 4096 of them.</summary>
    /// <param name="tokens">The tokens of a text, one after another.</param>
    /// <param name="text">How the text became tokens.</param>
    /// <param name="reserved">Tokens that stand before all others, whether they occur or not.</param>
    /// <param name="minCount">Tokens seen less often become the unknown token; bytes and byte pairs never do.</param>
    /// <exception cref="UnrollException">A reserved token is given twice, or one beside byte pairs.</exception>
    public static Vocabulary Build(IEnumerable<string> tokens, TextOptions? text = null, IEnumerable<string>? reserved = null, int minCount = 0)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentOutOfRangeException.ThrowIfNegative(minCount);
        var seen = new NewTokens();
        var counts = new List<long>();
        foreach (string token in tokens)
        {
            int number = seen.Find(token);
            if (number > counts.Count)
                counts.Add(0);
            counts[number - 1]++;
        }
        return Order(seen.Tokens, counts, text ?? new TextOptions(), minCount, reserved ?? []);
    }

    /// <summary>The ids of a piece of text. Cleaned as the vocabulary's text was, except that ends are not trimmed.</summary>
    public int[] Encode(string text) => new TextEncoder(this, whole: false).Encode(text);

    /// <summary>The text of ids. The book's words are joined by one space, everything else by nothing; bytes that make no
    /// character become U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var decoder = new TokenDecoder(this);
        var text = new StringBuilder();
        foreach (int id in ids)
            text.Append(decoder.Append(id));
        return text.Append(decoder.Flush()).ToString();
    }

    /// <summary>This vocabulary with a text's tokens behind it that it lacks, by falling count, ties in first-seen order; itself where
    /// it lacks none.</summary>
    /// <param name="seen">The text's tokens in first-seen order.</param>
    /// <param name="counts">How often each occurred.</param>
    /// <param name="minCount">How often a token must occur.</param>
    internal Vocabulary With(IReadOnlyList<string> seen, IReadOnlyList<long> counts, int minCount)
    {
        string[] others = [.. seen.Zip(counts).Where(entry => entry.Second >= minCount && !ids.ContainsKey(entry.First))
            .OrderByDescending(entry => entry.Second).Select(entry => entry.First)];
        return others.Length == 0 ? this : new Vocabulary([.. Tokens, .. others], Text);
    }

    internal bool TryFind(ReadOnlySpan<char> token, out int id) => lookup.TryGetValue(token, out id);

    /// <summary>The vocabulary of counted tokens.</summary>
    /// <param name="seen">The tokens in first-seen order.</param>
    /// <param name="counts">How often each occurred.</param>
    /// <param name="text">How the text became tokens.</param>
    /// <param name="minCount">How often a token must occur; bytes and byte pairs need not.</param>
    /// <param name="reserved">Tokens that stand before all others, whether they occur or not.</param>
    internal static Vocabulary Order(IReadOnlyList<string> seen, IReadOnlyList<long> counts, TextOptions text, int minCount, IEnumerable<string> reserved)
    {
        text.Validate();
        var tokens = Tokenization.Of(text);
        if (tokens.IsLearned)
            return Learned(tokens, seen, counts, text, reserved);
        var order = new List<string> { UnknownToken };
        var taken = new HashSet<string>(order);
        foreach (string token in reserved)
        {
            if (!taken.Add(token))
                throw new UnrollException($"The token \"{token}\" is reserved twice: name every reserved token once, and leave out {UnknownToken}, which always is one.");
            order.Add(token);
        }
        IReadOnlyList<string> required = tokens.Required;
        var always = new HashSet<string>(required);
        // OrderByDescending is stable: ties stay in first-seen order.
        order.AddRange(seen.Zip(counts).Where(entry => entry.Second >= minCount || always.Contains(entry.First)).OrderByDescending(entry => entry.Second)
            .Select(entry => entry.First).Where(taken.Add));
        order.AddRange(required.Where(taken.Add));
        return new Vocabulary(order, text);
    }

    private static Vocabulary Learned(Tokenization tokens, IReadOnlyList<string> seen, IReadOnlyList<long> counts, TextOptions text, IEnumerable<string> reserved)
    {
        if (reserved.Any())
            throw new UnrollException("A vocabulary of byte pairs has no reserved tokens: it holds the bytes, and what is merged of them.");
        BytePairLearner learner = tokens.CreateLearner();
        for (int i = 0; i < seen.Count; i++)
        {
            if (tokens.Required.Contains(seen[i]))
                continue; // a mark is no text
            foreach (ReadOnlyMemory<char> piece in TextSource.FromString(seen[i]).Read())
                learner.Add(piece.Span, counts[i]);
            learner.End(counts[i]);
        }
        return LearnedVocabulary.Learn(learner, CorpusOptions.UsualVocabulary, text);
    }
}

// Which two tokens of byte-pair encoding are merged into which third (Sennrich et al. 2016, on bytes as in GPT-2). It is all in the
// list of tokens: <unk>, the 256 bytes, then one token for every merge, in the order in which the merges were learnt. A merged
// token's two parts are what the merges before it make of its bytes. For when two neighbours were chosen to be merged, no earlier
// merge had crossed the borders of the two; so earlier merges did the same to their bytes as to these bytes alone. Hence no two
// merges give the same bytes either.
namespace Unroll.Data.Tokens;

/// <summary>The merges of byte-pair encoding. It does not change, and may be used from several threads at once.</summary>
internal sealed class BytePairTable
{
    /// <summary>The id of the first merged token; the byte b has the id b + 1.</summary>
    public const int FirstMerge = 257;

    private readonly string[] spelled; // by id
    private readonly byte[][] bytes; // by id; the unknown token has none
    private readonly (int Left, int Right)[] pairs; // of merged tokens, the first at 0
    private readonly Dictionary<ulong, int> merged;

    /// <summary>The merges of a list of tokens.</summary>
    /// <exception cref="UnrollException">It is not such a list.</exception>
    public BytePairTable(IReadOnlyList<string> tokens)
    {
        int count = tokens.Count;
        for (int id = 0; id < FirstMerge; id++)
        {
            if (id >= count || tokens[id] != BaseTokens[id])
                throw new UnrollException($"The vocabulary is damaged: byte-pair encoding begins with {Vocabulary.UnknownToken} and the 256 bytes in their order, and token {id} is none of them.");
        }
        spelled = [.. tokens];
        (bytes, pairs, merged) = (new byte[count][], new (int, int)[count - FirstMerge], new Dictionary<ulong, int>(count - FirstMerge));
        var encoder = new BytePairEncoder(this);
        for (int id = 0; id < count; id++)
        {
            bytes[id] = id == Vocabulary.UnknownId ? [] : id < FirstMerge ? [(byte)(id - 1)] : ByteToken.Read(tokens[id]);
            if (id < FirstMerge)
                continue;
            if (bytes[id].Length > Tokenizer.LongestTokenBytes || ByteToken.Spell(bytes[id]) != tokens[id] || encoder.Encode(bytes[id]) is not [int left, int right])
                throw new UnrollException($"The vocabulary is damaged: token {id} of its byte pairs is not what two tokens before it are together.");
            pairs[id - FirstMerge] = (left, right);
            merged.Add(DictionaryKey(Key(left, right)), id);
        }
    }

    /// <summary>The tokens before anything is merged, in id order.</summary>
    public static IReadOnlyList<string> BaseTokens { get; } =
        [Vocabulary.UnknownToken, .. Enumerable.Range(0, 256).Select(value => ByteToken.Spell([(byte)value]))];

    /// <summary>The number of tokens, V.</summary>
    public int Count => bytes.Length;

    /// <summary>A token as the vocabulary writes it.</summary>
    public string Spelled(int id) => spelled[id];

    /// <summary>The bytes that a token stands for.</summary>
    public ReadOnlySpan<byte> Bytes(int id) => bytes[id];

    /// <summary>The two tokens that a token is merged from.</summary>
    public (int Left, int Right) Pair(int id) => pairs[id - FirstMerge];

    /// <summary>What two tokens are merged into; 0 where they are not merged. Merges with smaller results come first.</summary>
    public int Merge(int left, int right) => merged.GetValueOrDefault(DictionaryKey(Key(left, right)));

    /// <summary>Two tokens as one number, which sorts as they do.</summary>
    public static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    /// <summary>Another number for the same two: a dictionary takes a number's two halves together, and all pairs of small ids alike.</summary>
    public static ulong DictionaryKey(ulong key) => key * 0x9E3779B97F4A7C15;
}

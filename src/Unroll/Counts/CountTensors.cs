// A memory as named arrays, for a file: the text at one, two or four bytes a token, the weights, and how far these have learned.
using System.Globalization;

namespace Unroll.Counts;

/// <summary>A memory as arrays and back.</summary>
internal static class CountTensors
{
    /// <summary>The text's ids: bytes, or unsigned numbers of 16 bits, or ints, the shortest that hold V.</summary>
    public const string Tokens = "tokens";

    /// <summary>What the contexts' boosts weigh, floats.</summary>
    public const string Weights = "weights";

    /// <summary>The sums of squares that steps of learning are divided by, floats.</summary>
    public const string Squares = "squares";

    /// <summary>How it is mixed with a network: see <see cref="CountBlend"/>.</summary>
    public const string Mixture = "mixture";

    /// <summary>The names of all arrays.</summary>
    public static IReadOnlyList<string> Names { get; } = [Weights, Squares, Mixture, Tokens];

    // Learned weights stay far below; sums of products with them are finite.
    private const float MostWeight = 1e3f, MostSquare = 1e12f;

    /// <summary>The bytes of a memory's arrays.</summary>
    /// <param name="vocabularySize">V.</param>
    /// <param name="tokens">Tokens of the text; 0 = there is no memory.</param>
    public static long Bytes(int vocabularySize, long tokens) => tokens == 0 ? 0 : WeightBytes + TokenBytes(vocabularySize) * tokens;

    /// <summary>The most tokens of a memory whose arrays have at most so many bytes.</summary>
    public static long MostTokens(int vocabularySize, long bytes) => Math.Max(0, bytes - WeightBytes) / TokenBytes(vocabularySize);

    private static long WeightBytes => sizeof(float) * (2L * Contexts.MostLevels * CountWeights.PerLevel + CountBlend.Length);

    private static int TokenBytes(int vocabularySize) =>
        vocabularySize <= byte.MaxValue + 1 ? sizeof(byte) : vocabularySize <= ushort.MaxValue + 1 ? sizeof(ushort) : sizeof(int);

    /// <summary>A memory's arrays by name.</summary>
    public static IReadOnlyDictionary<string, Array> Of(CountMemory memory) => new Dictionary<string, Array>
    {
        [Tokens] = Pack(memory.Tokens, memory.VocabularySize),
        [Weights] = memory.Weights.Values,
        [Squares] = memory.Weights.Squares,
        [Mixture] = memory.Mixture.ToArray(),
    };

    /// <summary>The memory of arrays, whoever made them.</summary>
    /// <exception cref="UnrollException">They are no memory of such a vocabulary.</exception>
    public static CountMemory Read(IReadOnlyDictionary<string, Array> arrays, Vocabulary vocabulary, CancellationToken cancellationToken = default)
    {
        int[] tokens = Unpack(Find(arrays, Tokens), vocabulary.Count);
        float[] weights = Floats(arrays, Weights, -MostWeight, MostWeight), squares = Floats(arrays, Squares, 0, MostSquare);
        var mixture = new CountBlend(vocabulary.Count, Floats(arrays, Mixture, -MostWeight, MostWeight));
        return CountMemory.Restore(tokens, vocabulary, weights, squares, cancellationToken).With(mixture);
    }

    private static Array Pack(ReadOnlySpan<int> tokens, int vocabulary)
    {
        if (vocabulary <= byte.MaxValue + 1)
            return Array.ConvertAll(tokens.ToArray(), token => (byte)token);
        return vocabulary <= ushort.MaxValue + 1 ? Array.ConvertAll(tokens.ToArray(), token => (ushort)token) : tokens.ToArray();
    }

    private static int[] Unpack(Array packed, int vocabulary)
    {
        if (packed.Length > CountMemory.MaxTokens)
            throw Damaged($"it has {Text(packed.Length)} tokens, more than {Text(CountMemory.MaxTokens)}");
        int[] tokens = packed switch
        {
            byte[] bytes when vocabulary <= byte.MaxValue + 1 => Array.ConvertAll(bytes, token => (int)token),
            ushort[] shorts when vocabulary is > byte.MaxValue + 1 and <= ushort.MaxValue + 1 => Array.ConvertAll(shorts, token => (int)token),
            int[] ints when vocabulary > ushort.MaxValue + 1 => ints,
            _ => throw Damaged($"its tokens are numbers of another size than {Text(vocabulary)} different ones want"),
        };
        foreach (int token in tokens)
        {
            if ((uint)token >= (uint)vocabulary)
                throw Damaged($"its text has the token {Text(token)}, but the vocabulary only {Text(vocabulary)}");
        }
        return tokens;
    }

    private static float[] Floats(IReadOnlyDictionary<string, Array> arrays, string name, float least, float most)
    {
        if (Find(arrays, name) is not float[] values)
            throw Damaged($"its {name} are not floats");
        foreach (float value in values)
        {
            if (!(value >= least && value <= most))
                throw Damaged($"of its {name} one is {value.ToString(CultureInfo.InvariantCulture)}");
        }
        return values;
    }

    private static Array Find(IReadOnlyDictionary<string, Array> arrays, string name) =>
        arrays.TryGetValue(name, out Array? found) ? found : throw Damaged($"it has no {name}");

    internal static UnrollException Damaged(string what) => new($"The model's memory of counts is damaged: {what}.");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

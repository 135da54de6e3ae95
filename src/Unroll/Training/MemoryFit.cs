// How much a memory weighs beside networks, found on a text that neither has seen.
using Unroll.Counts;
using Unroll.Model;

namespace Unroll.Training;

/// <summary>Fits the weights of a memory and networks.</summary>
internal static class MemoryFit
{
    /// <summary>Numbers that are kept at a time: of a large vocabulary fewer tokens of the text count.</summary>
    private const long MostNumbers = 1 << 26;

    private const int Steps = 256;

    /// <summary>Tokens that weights are found on: more tells them no better, and takes time.</summary>
    public static int MostTokens(int vocabularySize) => (int)Math.Min(10_000, MostNumbers / (2 * vocabularySize));

    /// <summary>The weights that do best on a text.</summary>
    /// <param name="networks">The networks.</param>
    /// <param name="memory">The memory; its counts know nothing of the text.</param>
    /// <param name="before">What comes before the text: its end is read first.</param>
    /// <param name="text">The text, two tokens or more; of a long one the beginning counts.</param>
    /// <param name="threads">Threads; 0 = one per core.</param>
    /// <param name="earlier">The memory that the networks had before, whose weights are begun with; null = they had none.</param>
    public static CountBlend Fit(LanguageModel networks, CountMemory memory, TokenIds before, TokenIds text, int threads, CountMemory? earlier)
    {
        int vocabulary = networks.Vocabulary.Count, start = (int)Math.Min(Steps, before.Length);
        int count = (int)Math.Min(text.Length - 1, MostTokens(vocabulary));
        int[] ids = new int[start + count + 1];
        before.Read(before.Length - start, ids.AsSpan(0, start));
        text.Read(0, ids.AsSpan(start, count + 1));

        float[] network = new float[(long)count * vocabulary], said = new float[(long)count * vocabulary];
        int[] confidences = new int[count];
        using (var predictor = Predictor.For(networks, new EngineOptions { Rows = 1, Steps = Steps, Threads = threads }))
        {
            predictor.Feed(1, ids.AsSpan(0, start));
            for (int i = 0; i < count; i += Steps)
            {
                int length = Math.Min(Steps, count - i);
                predictor.Distributions(1, ids.AsSpan(start + i, length), ids.AsSpan(start + i + 1, length), network.AsMemory(i * vocabulary, length * vocabulary));
            }
        }
        CountReader reader = memory.NewReader();
        reader.SetContext(ids.AsSpan(0, start));
        for (int i = 0; i < count; i++)
        {
            reader.Feed(ids[start + i]);
            reader.LogProbabilities(said.AsSpan(i * vocabulary, vocabulary));
            confidences[i] = reader.Confidence;
        }
        return CountBlend.Fit(network, said, confidences, ids.AsSpan(start + 1, count), vocabulary, earlier is null ? [] : earlier.Mixture);
    }
}

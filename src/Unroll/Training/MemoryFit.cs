// How much a memory weighs beside networks, found on a text that neither has seen. For each confidence of the memory the loss of
// p ∝ networkᵃ · memoryᵇ is a convex function of a and b, so a few steps of Newton's end at its least; a prior keeps weights that
// few tokens speak for where they were.
using Unroll.Counts;
using Unroll.Kernels;
using Unroll.Model;

namespace Unroll.Training;

/// <summary>Fits the weights of a memory.</summary>
internal static class MemoryFit
{
    private const int Iterations = 8;

    /// <summary>How strongly the prior holds, in tokens.</summary>
    private const double PriorTokens = 20;

    /// <summary>Numbers that are kept at a time: of a large vocabulary fewer tokens of the text count.</summary>
    private const long MostNumbers = 1 << 26;

    private const int Steps = 256;

    /// <summary>The weights that do best on a text.</summary>
    /// <param name="networks">The networks.</param>
    /// <param name="memory">The memory; its counts know nothing of the text.</param>
    /// <param name="before">What comes before the text: where its end is read first.</param>
    /// <param name="text">The text, two tokens or more.</param>
    /// <param name="threads">Threads; 0 = one per core.</param>
    public static float[] Fit(LanguageModel networks, CountMemory memory, TokenIds before, TokenIds text, int threads)
    {
        int vocabulary = networks.Vocabulary.Count, start = (int)Math.Min(Steps, before.Length);
        int count = (int)Math.Min(text.Length - 1, MostNumbers / (2 * vocabulary));
        int[] ids = new int[start + count + 1];
        before.Read(before.Length - start, ids.AsSpan(0, start));
        text.Read(0, ids.AsSpan(start));

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

        float[] weights = MemoryExpert.Prior();
        for (int confidence = 0; confidence < CountReader.Confidences; confidence++)
        {
            int[] positions = [.. Enumerable.Range(0, count).Where(i => confidences[i] == confidence)];
            Newton(positions, weights.AsSpan(2 * confidence, 2));
        }
        return weights;

        void Newton(int[] positions, Span<float> weights)
        {
            (double a, double b) = (weights[0], weights[1]);
            (double priorA, double priorB) = (a, b);
            for (int iteration = 0; iteration < Iterations && positions.Length > 0; iteration++)
            {
                double gradientA = PriorTokens * (a - priorA), gradientB = PriorTokens * (b - priorB), aa = PriorTokens, ab = 0, bb = PriorTokens;
                foreach (int i in positions)
                {
                    ReadOnlySpan<float> x = network.AsSpan(i * vocabulary, vocabulary), y = said.AsSpan(i * vocabulary, vocabulary);
                    double sum = 0, meanX = 0, meanY = 0, xx = 0, xy = 0, yy = 0;
                    for (int v = 0; v < vocabulary; v++)
                    {
                        double p = Functions.Exp(a * x[v] + b * y[v]);
                        sum += p;
                        (meanX, meanY) = (meanX + p * x[v], meanY + p * y[v]);
                        (xx, xy, yy) = (xx + p * x[v] * x[v], xy + p * x[v] * y[v], yy + p * y[v] * y[v]);
                    }
                    (meanX, meanY) = (meanX / sum, meanY / sum);
                    int target = ids[start + i + 1];
                    gradientA += meanX - x[target];
                    gradientB += meanY - y[target];
                    (aa, ab, bb) = (aa + xx / sum - meanX * meanX, ab + xy / sum - meanX * meanY, bb + yy / sum - meanY * meanY);
                }
                double determinant = aa * bb - ab * ab;
                a = Math.Clamp(a - (bb * gradientA - ab * gradientB) / determinant, 0, 2);
                b = Math.Clamp(b - (aa * gradientB - ab * gradientA) / determinant, 0, 2);
            }
            (weights[0], weights[1]) = ((float)a, (float)b);
        }
    }
}

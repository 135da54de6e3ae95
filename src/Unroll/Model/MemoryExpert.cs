// A memory of counts as a second opinion: p ∝ networkᵃ · memoryᵇ, with a pair of weights for each length of context that the memory
// knows. A product, not a mean: each may rule out what it knows to be impossible (Hinton 1999, "Products of experts").
using Unroll.Counts;
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>What a model's memory says, and how much it weighs beside the networks.</summary>
internal sealed class MemoryExpert
{
    /// <summary>Numbers of weights: a network's and the memory's for each of the memory's confidences.</summary>
    public const int WeightCount = 2 * CountReader.Confidences;

    // What weights are before anything tells better.
    private const float NetworkPrior = 0.6f, MemoryPrior = 0.4f;

    /// <param name="memory">The counts.</param>
    /// <param name="weights">[2 · confidences]: network's and memory's by turns.</param>
    public MemoryExpert(CountMemory memory, float[] weights) => (Memory, Weights) = (memory, weights);

    /// <summary>The counts.</summary>
    public CountMemory Memory { get; }

    /// <summary>[2 · confidences]: the exponents of the network's and the memory's probabilities, by turns.</summary>
    public float[] Weights { get; }

    /// <summary>Weights before anything tells better.</summary>
    public static float[] Prior() => [.. Enumerable.Range(0, WeightCount).Select(i => i % 2 == 0 ? NetworkPrior : MemoryPrior)];

    /// <summary>Combines two distributions.</summary>
    /// <param name="network">[V] log probabilities; overwritten by the combination's.</param>
    /// <param name="memory">[V] log probabilities.</param>
    /// <param name="confidence">The memory's.</param>
    /// <param name="logits">Room for V numbers and padding to a multiple of 16, which must hold <see cref="SoftmaxCrossEntropy.Padding"/>.</param>
    public void Combine(Span<float> network, ReadOnlySpan<float> memory, int confidence, Span<float> logits)
    {
        (float a, float b) = (Weights[2 * confidence], Weights[2 * confidence + 1]);
        for (int v = 0; v < network.Length; v++)
            logits[v] = MathF.FusedMultiplyAdd(a, network[v], b * memory[v]);
        SoftmaxCrossEntropy.LogProbabilities(logits, network);
    }

    /// <summary>Room for <see cref="Combine"/>.</summary>
    public static float[] Room(int vocabularySize)
    {
        float[] room = new float[(vocabularySize + 15) / 16 * 16];
        Array.Fill(room, SoftmaxCrossEntropy.Padding);
        return room;
    }
}

// How a network's prediction and the memory's become one: p ∝ network^a · memory^b, a and b by how much of the context the memory
// knows. Geometric, not linear: measured better, since either may rule a token out. Few numbers, so that a slice of a text fits
// them; fitted where neither has learned, or the network, which knows its training text by heart, would be trusted too much.
using Unroll.Kernels;

namespace Unroll.Counts;

/// <summary>The weights of a network and a memory, and their mixture. Not for several threads at once.</summary>
internal sealed class CountBlend
{
    /// <summary>Numbers: for each confidence, what is added to a and to b.</summary>
    public const int Length = 2 * (CountReader.Confidences + 1);

    private const float Network = 0.4f, Memory = 0.55f; // until something is learned
    private const float Least = 1e-2f, MostWeight = 10;

    private readonly float[] weights; // [confidences + 1, 2], those of every confidence last
    private readonly float[] squares = new float[Length];
    private readonly float[] logits; // [V], padded and pinned
    private readonly float[] loss = new float[1];
    private readonly int vocabulary;

    /// <summary>Weights as they are before anything is learned.</summary>
    /// <param name="vocabulary">V.</param>
    public CountBlend(int vocabulary)
    {
        this.vocabulary = vocabulary;
        weights = new float[Length];
        (weights[^2], weights[^1]) = (Network, Memory);
        logits = GC.AllocateArray<float>((vocabulary + 15) / 16 * 16, pinned: true);
    }

    /// <summary>Weights that were fitted.</summary>
    /// <exception cref="UnrollException">They are no such weights.</exception>
    public CountBlend(int vocabulary, ReadOnlySpan<float> weights) : this(vocabulary)
    {
        if (weights.Length != Length)
            throw CountTensors.Damaged($"it has {weights.Length} weights for a mixture instead of {Length}");
        foreach (float weight in weights)
        {
            if (!(Math.Abs(weight) <= MostWeight))
                throw CountTensors.Damaged("a weight of its mixture is too large, or no number");
        }
        weights.CopyTo(this.weights);
    }

    /// <summary>V.</summary>
    public int VocabularySize => vocabulary;

    /// <summary>The weights, to be kept.</summary>
    public ReadOnlySpan<float> Weights => weights;

    /// <summary>Mixes.</summary>
    /// <param name="network">[V] logarithms of probabilities.</param>
    /// <param name="memory">[V] logarithms of probabilities.</param>
    /// <param name="confidence">The memory's <see cref="CountReader.Confidence"/>.</param>
    /// <param name="into">[V] logarithms of the mixture's probabilities; may be one of the two.</param>
    public void Mix(ReadOnlySpan<float> network, ReadOnlySpan<float> memory, int confidence, Span<float> into)
    {
        Combine(network, memory, confidence);
        SoftmaxCrossEntropy.LogProbabilities(logits, into[..vocabulary]);
    }

    /// <summary>Moves the weights by a step of Adagrad on −log p(token).</summary>
    /// <returns>−log p(token) before the step, in nats.</returns>
    public float Learn(ReadOnlySpan<float> network, ReadOnlySpan<float> memory, int confidence, int token, float rate)
    {
        Combine(network, memory, confidence);
        SoftmaxCrossEntropy.Rows(Matrix.OfPinned(logits, 0, 1, vocabulary), [token], loss, gradientScale: 1);
        float ofNetwork = 0, ofMemory = 0; // ∂/∂a = Σ (p − [token]) · log network
        for (int v = 0; v < vocabulary; v++)
        {
            ofNetwork += logits[v] * network[v];
            ofMemory += logits[v] * memory[v];
        }
        Step(2 * confidence, ofNetwork, rate);
        Step(2 * confidence + 1, ofMemory, rate);
        Step(Length - 2, ofNetwork, rate);
        Step(Length - 1, ofMemory, rate);
        return loss[0];
    }

    /// <summary>Weights for what was predicted on a slice of text that neither the network nor the memory learned from.</summary>
    /// <param name="network">[n, V] the network's logarithms of probabilities.</param>
    /// <param name="memory">[n, V] the memory's.</param>
    /// <param name="confidences">[n] the memory's confidence.</param>
    /// <param name="tokens">[n] what came.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="before">The weights to begin with; empty = as they are before anything is learned.</param>
    public static CountBlend Fit(
        ReadOnlySpan<float> network, ReadOnlySpan<float> memory, ReadOnlySpan<int> confidences, ReadOnlySpan<int> tokens, int vocabulary, ReadOnlySpan<float> before = default)
    {
        CountBlend blend = before.IsEmpty ? new CountBlend(vocabulary) : new CountBlend(vocabulary, before);
        foreach (float rate in (ReadOnlySpan<float>)[0.02f, 0.01f, 0.004f])
        {
            for (int i = 0; i < tokens.Length; i++)
                blend.Learn(network.Slice(i * vocabulary, vocabulary), memory.Slice(i * vocabulary, vocabulary), confidences[i], tokens[i], rate);
        }
        return blend;
    }

    private void Combine(ReadOnlySpan<float> network, ReadOnlySpan<float> memory, int confidence)
    {
        float a = weights[^2] + weights[2 * confidence], b = weights[^1] + weights[2 * confidence + 1];
        for (int v = 0; v < vocabulary; v++)
            logits[v] = a * network[v] + b * memory[v];
        logits.AsSpan(vocabulary).Fill(SoftmaxCrossEntropy.Padding);
    }

    private void Step(int place, float gradient, float rate)
    {
        squares[place] += gradient * gradient;
        weights[place] = Math.Clamp(weights[place] - rate * gradient / MathF.Sqrt(squares[place] + Least), -MostWeight, MostWeight);
    }
}

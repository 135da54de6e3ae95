// With many different tokens most of a window's work is the softmax over all of them. In training it can do with some: the tokens
// that the window has, and of the others a sample, each of which stands for several (importance sampling of the partition function;
// Bengio and Senécal 2003, Jean et al. 2015). A token that is drawn with probability p counts 1/p times, which is log 1/p on its
// logit, so that the sum of exponentials is right on average:
//     Z ≈ Σ exp(s[v]) over the window's tokens + Σ exp(s[v] − log p[v]) over the sample
// Weights of the tokens that take part are gathered into a small output layer, and its gradients are spread out again: those of all
// other tokens are zero.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The output layer over a part of the vocabulary, another part for every window.</summary>
internal sealed class SampledDecoder : IDisposable
{
    // Tokens stand in the vocabulary by falling frequency, about as 1/(rank + some): the root of that draws the frequent ones
    // more often and keeps the rare ones' weights small.
    private const int RankOffset = 16;

    private readonly (Matrix Weights, Matrix Bias) parameters, gradients; // of all tokens
    private readonly (Matrix Weights, Matrix Bias) some, someGradients; // [C, H], [1, C] of those that take part
    private readonly float[][] storage; // theirs, which views do not keep alive
    private readonly int[] tokens; // [C] in ascending order
    private readonly float[] corrections; // [C] −log p
    private readonly int[] places; // [V] a token's place among them, or −1

    /// <param name="model">The model.</param>
    /// <param name="count">C: how many tokens take part, more than a window has predictions, fewer than V.</param>
    /// <param name="rows">T·B.</param>
    /// <param name="gradientStorage">Where gradients go, laid out as the parameters.</param>
    public SampledDecoder(LanguageModel model, int count, int rows, float[] gradientStorage)
    {
        (parameters, gradients) = (Decoder.Of(model, model.Parameters.Storage), Decoder.Of(model, gradientStorage));
        (tokens, corrections, Targets) = (new int[count], new float[count], new int[rows]);
        places = new int[parameters.Weights.Rows];
        Array.Fill(places, -1);
        int units = parameters.Weights.Columns;
        storage = [.. Enumerable.Range(0, 2).Select(_ => GC.AllocateArray<float>(count * (units + 1), pinned: true))];
        (some, someGradients) = (Views(storage[0]), Views(storage[1]));
        Decoder = new Decoder(some, ngrams: null, rows, someGradients);

        (Matrix, Matrix) Views(float[] floats) => (Matrix.OfPinned(floats, 0, count, units), Matrix.OfPinned(floats, (long)count * units, 1, count));
    }

    /// <summary>The output layer of the tokens that take part.</summary>
    public Decoder Decoder { get; }

    /// <summary>[C] the tokens that take part, in ascending order.</summary>
    public ReadOnlySpan<int> Tokens => tokens;

    /// <summary>[C] what is added to their logits.</summary>
    public ReadOnlySpan<float> Corrections => corrections;

    /// <summary>[T·B] what the window predicts, as places among the tokens that take part.</summary>
    public int[] Targets { get; }

    /// <summary>Chooses the tokens for a window.</summary>
    /// <param name="wanted">[T·B] what it predicts.</param>
    /// <param name="random">Chooses the others.</param>
    public void Choose(ReadOnlySpan<int> wanted, RandomStream random)
    {
        foreach (int token in tokens)
            places[token] = -1;
        int left = tokens.Length, others = places.Length; // tokens still to be chosen, and to be chosen from
        foreach (int token in wanted)
        {
            if (places[token] < 0)
                (left, others) = (left - 1, others - 1);
            places[token] = 0;
        }
        double sum = 0; // of the others' weights
        for (int token = 0; token < places.Length; token++)
            sum += places[token] < 0 ? Weight(token) : 0;

        // Systematic sampling: along the line of all probabilities, one token at every whole number and a random offset.
        double next = random.Uniform(0), line = 0;
        bool certain = true; // the likeliest, who take part anyway and leave the rest to the others
        int count = 0, drawn = 0;
        for (int token = 0; token < places.Length; token++)
        {
            double probability = 1;
            if (places[token] < 0)
            {
                double weight = Weight(token);
                certain &= left * weight >= sum;
                if (certain)
                {
                    (left, others, sum) = (left - 1, others - 1, sum - weight);
                }
                else
                {
                    probability = left * weight / sum;
                    line += probability;
                    // Sums are rounded: the last ones see to it that as many are drawn as there is room for.
                    bool isDrawn = drawn < left && (line > next || others <= left - drawn);
                    others--;
                    if (!isDrawn)
                        continue;
                    (next, drawn) = (next + 1, drawn + 1);
                }
            }
            (tokens[count], corrections[count], places[token]) = (token, -(float)Functions.Log(probability), count);
            count++;
        }
        for (int i = 0; i < wanted.Length; i++)
            Targets[i] = places[wanted[i]];
    }

    /// <summary>Gathers this part of the weights.</summary>
    public void Gather(int part, int parts)
    {
        (int start, int end) = Share.Of(tokens.Length, parts, part);
        for (int i = start; i < end; i++)
        {
            parameters.Weights.RowSpan(tokens[i]).CopyTo(some.Weights.RowSpan(i));
            some.Bias.RowSpan(0)[i] = parameters.Bias.RowSpan(0)[tokens[i]] + corrections[i];
        }
    }

    /// <summary>The gradients of this part of all weights and biases.</summary>
    public void WeightGradients(PackedRows input, SumOrder order, Matrix scratch, int part, int parts)
    {
        Decoder.WeightGradients(input, order, scratch, part, parts);
        // The rows that this part has just computed, and those of the tokens between them.
        (int start, int end) = Share.Of(tokens.Length, parts, part);
        if (start == end)
            return;
        (int first, int last) = (start == 0 ? 0 : tokens[start], end == tokens.Length ? places.Length : tokens[end]);
        for (int token = first; token < last; token++)
        {
            if (places[token] is >= 0 and int place)
                someGradients.Weights.RowSpan(place).CopyTo(gradients.Weights.RowSpan(token));
            else
                gradients.Weights.RowSpan(token).Clear();
            gradients.Bias.RowSpan(0)[token] = places[token] < 0 ? 0 : someGradients.Bias.RowSpan(0)[places[token]];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Decoder.Dispose();

    private static double Weight(int token) => 1 / Math.Sqrt(token + RankOffset);
}

// With many different tokens most of a window's work is the softmax over all of them. In training it can do with some: the tokens
// that the window has, and of the others a sample, each of which stands for several (importance sampling of the partition function;
// Bengio and Senécal 2003, Jean et al. 2015). A token that is drawn with probability p counts 1/p times, which is log 1/p on its
// logit, so that the sum of exponentials is right on average:
//     Z ≈ Σ exp(s[v]) over the window's tokens + Σ exp(s[v] − log p[v]) over the sample
// Weights of the tokens that take part are gathered into a small output layer.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The output layer over a part of the vocabulary, another part for every window.</summary>
internal sealed class SampledDecoder : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly (Matrix Weights, Matrix Bias) parameters; // of all tokens
    private readonly (Matrix Weights, Matrix Bias) some; // [C, H], [1, C] of those that take part

    /// <param name="model">The model.</param>
    /// <param name="tokens">Which tokens take part.</param>
    /// <param name="rows">T·B.</param>
    public SampledDecoder(LanguageModel model, TokenSample tokens, int rows)
    {
        (Tokens, Targets, parameters) = (tokens, new int[rows], Decoder.Of(model, model.Parameters.Storage));
        (some, Gradients) = (Views(), Views());
        owned.Add(Decoder = new Decoder(some, ngrams: null, rows, Gradients));

        (Matrix, Matrix) Views() => (Matrix.Allocate(tokens.Most, parameters.Weights.Columns, owned), Matrix.Allocate(1, tokens.Most, owned));
    }

    /// <summary>The tokens that take part.</summary>
    public TokenSample Tokens { get; }

    /// <summary>The output layer of the tokens that take part.</summary>
    public Decoder Decoder { get; }

    /// <summary>[C, H] and [1, C]: the gradients of their weights and biases.</summary>
    public (Matrix Weights, Matrix Bias) Gradients { get; }

    /// <summary>[T·B] what the window predicts, as places among the tokens that take part.</summary>
    public int[] Targets { get; }

    /// <summary>Takes up a window, whose tokens have been chosen.</summary>
    /// <param name="wanted">[T·B] what it predicts.</param>
    public void Prepare(ReadOnlySpan<int> wanted)
    {
        Decoder.Resize(Tokens.Count);
        for (int i = 0; i < wanted.Length; i++)
            Targets[i] = Tokens.PlaceOf(wanted[i]);
    }

    /// <summary>Gathers this part of the weights.</summary>
    public void Gather(int part, int parts)
    {
        ReadOnlySpan<int> tokens = Tokens.Tokens;
        (int start, int end) = Share.Of(tokens.Length, parts, part);
        for (int i = start; i < end; i++)
        {
            parameters.Weights.RowSpan(tokens[i]).CopyTo(some.Weights.RowSpan(i));
            some.Bias.RowSpan(0)[i] = parameters.Bias.RowSpan(0)[tokens[i]] + Tokens.Corrections[i];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => owned.ForEach(item => item.Dispose());
}

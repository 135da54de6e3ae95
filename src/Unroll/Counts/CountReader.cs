using Unroll.Kernels;

namespace Unroll.Counts;

/// <summary>A place in a text, and what counts expect there. Reading along it learns, for itself alone. Not for several threads at
/// once.</summary>
internal sealed class CountReader
{
    /// <summary>Values that <see cref="Confidence"/> may have.</summary>
    public const int Confidences = Contexts.Orders + 1;

    /// <summary>Tokens between two adjustments of what counts in general say.</summary>
    private const int Round = 4096;

    private readonly Contexts contexts;
    private readonly TextCounts counts;
    private readonly CountPrediction prediction;
    private readonly int[] recent = new int[16 * Contexts.History];
    private readonly ulong[] keys;
    private int length; // of recent
    private bool predicted; // whether the prediction is of what has been read
    private long learned; // tokens

    /// <summary>The beginning of a text.</summary>
    /// <param name="contexts">The contexts that are counted.</param>
    /// <param name="counts">Their counts: to be added to, if it adapts.</param>
    /// <param name="weights">Their weights: to be learned, if it adapts.</param>
    /// <param name="adapts">Whether it learns from what it reads.</param>
    public CountReader(Contexts contexts, TextCounts counts, CountWeights weights, bool adapts)
    {
        (this.contexts, this.counts, Adapts) = (contexts, counts, adapts);
        prediction = new CountPrediction(contexts, counts, weights);
        keys = new ulong[contexts.Levels];
    }

    /// <summary>Whether it learns from what it reads.</summary>
    public bool Adapts { get; }

    /// <summary>How much of the context is known: the longest run of last tokens that was counted, 0 to
    /// <see cref="Confidences"/> − 1.</summary>
    public int Confidence
    {
        get
        {
            Predict();
            return prediction.Order;
        }
    }

    /// <summary>Begins another text. What was learned stays.</summary>
    public void Reset() => (length, predicted) = (0, false);

    /// <summary>Stands behind a text, of which nothing is learned.</summary>
    /// <param name="tokens">The text; no more than its last <see cref="CountMemory.History"/> tokens matter.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public void SetContext(ReadOnlySpan<int> tokens)
    {
        Reset();
        foreach (int token in tokens[^Math.Min(tokens.Length, Contexts.History)..])
            Append(token);
    }

    /// <summary>Reads a token, and learns from it where it may.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public void Feed(int token)
    {
        Check(token);
        if (Adapts)
        {
            Predict();
            prediction.Learn(token);
            Count(token);
        }
        Append(token);
    }

    /// <summary>Reads a token, and counts it without asking how it was expected.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token.</exception>
    public void FeedCounting(int token)
    {
        Check(token);
        FindKeys();
        Count(token);
        Append(token);
    }

    /// <summary>How likely each token is to come next.</summary>
    /// <param name="into">[V] natural logarithms of probabilities, by id.</param>
    public void LogProbabilities(Span<float> into)
    {
        Predict();
        SoftmaxCrossEntropy.LogProbabilities(prediction.Logits, into[..counts.Shares.Length]);
    }

    private void Check(int token)
    {
        if ((uint)token >= (uint)counts.Shares.Length)
            throw new ArgumentOutOfRangeException(nameof(token), token, $"Tokens go from 0 to {counts.Shares.Length - 1}.");
    }

    private void Count(int token)
    {
        counts.Count(keys, token);
        if (++learned % Round == 0)
            counts.Update();
    }

    private void Append(int token)
    {
        Check(token);
        if (token == contexts.EndId)
            length = 0; // what a document says, the next does not depend on
        if (length == recent.Length)
        {
            recent.AsSpan(length - Contexts.History).CopyTo(recent);
            length = Contexts.History;
        }
        recent[length++] = token;
        predicted = false;
    }

    private void FindKeys() => contexts.Keys(recent.AsSpan(Math.Max(0, length - Contexts.History), Math.Min(length, Contexts.History)), keys);

    private void Predict()
    {
        if (predicted)
            return;
        FindKeys();
        prediction.Predict(keys, length == 0 ? 0 : recent[length - 1]);
        predicted = true;
    }
}

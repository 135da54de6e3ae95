// How an adaptive softmax divides a vocabulary whose tokens stand by falling frequency (Grave et al. 2017): the N commonest in the head;
// the others in clusters, each as large as all before it, but of no more than 2,048. By Zipf's law clusters that double are met equally
// often. The rarer a token the shorter its vector: half the hidden state's length up to token 4·N, a quarter up to 16·N, and so on.
namespace Unroll.Model;

/// <summary>The division of a vocabulary.</summary>
internal sealed class SoftmaxClusters
{
    // What a token of a cluster costs beside its products (an exponential, and being moved about) outweighs them where vectors are
    // short: hence many small clusters, and no vectors below a machine's.
    private const int MostTokens = 2048, LeastLength = 16;

    private readonly int hiddenSize;
    private readonly int[] borders; // where each cluster begins, and V

    /// <param name="options">A model's shape.</param>
    /// <param name="vocabularySize">V.</param>
    /// <exception cref="OptionsException">The vocabulary has no more tokens than the head.</exception>
    public SoftmaxClusters(ModelOptions options, int vocabularySize)
    {
        (Head, hiddenSize) = (options.AdaptiveSoftmax, options.HiddenSize);
        OptionsException.Require(Head < vocabularySize, nameof(ModelOptions.AdaptiveSoftmax),
            $"must be smaller than the vocabulary, which has {vocabularySize} tokens, not {Head}; 0 is the softmax over all tokens at once.");
        var starts = new List<int>();
        for (long start = Head; start < vocabularySize; start += Math.Min(start, MostTokens))
            starts.Add((int)start);
        borders = [.. starts, vocabularySize];
    }

    /// <summary>N: tokens of the head.</summary>
    public int Head { get; }

    /// <summary>K: clusters.</summary>
    public int Count => borders.Length - 1;

    /// <summary>Where each cluster begins in the vocabulary, and V.</summary>
    public ReadOnlySpan<int> Borders => borders;

    /// <summary>Tokens of a cluster.</summary>
    public int SizeOf(int cluster) => borders[cluster + 1] - borders[cluster];

    /// <summary>How long a cluster's vectors are.</summary>
    public int LengthOf(int cluster)
    {
        int length = hiddenSize / 2;
        for (int start = borders[cluster] / 4; start >= Head; start /= 4)
            length /= 2;
        return Math.Min(hiddenSize, Math.Max(LeastLength, length));
    }

    /// <summary>The cluster of a token; −1 for the head.</summary>
    public int Of(int token)
    {
        int cluster = -1;
        while (token >= borders[cluster + 1])
            cluster++;
        return cluster;
    }
}

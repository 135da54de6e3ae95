// How an adaptive softmax divides a vocabulary whose tokens stand by falling frequency (Grave et al. 2017): the commonest in the head,
// the others in clusters four times as long one after another, whose tokens have vectors half as long one after another. By Zipf's law
// each cluster is met about as often as the one before it.
namespace Unroll.Model;

/// <summary>The division of a vocabulary.</summary>
internal sealed class SoftmaxClusters
{
    private static readonly int MostTokens = int.Parse(Environment.GetEnvironmentVariable("MOST") ?? "2048"), LeastLength = int.Parse(Environment.GetEnvironmentVariable("LEAST") ?? "16"), Div=int.Parse(Environment.GetEnvironmentVariable("DIV") ?? "1");

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
        int length = hiddenSize >> Div;
        for (long start = borders[cluster]; start >= 4L * Head; start /= 4)
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

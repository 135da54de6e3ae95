// A network for more tokens than it has learned. What it knows stays as it is, to the bit, for the tokens that it knows. A new token
// gets the mean of what they have, as input and as output: it is then nowhere likely and nowhere ruled out, and the others'
// probabilities fall by little (Hewitt 2021, "Initializing new word embeddings for pretrained language models"). The unknown
// token is left out of the mean: where every token was known, nothing ever taught it anything. N-grams say nothing of new tokens.
namespace Unroll.Model;

/// <summary>Makes networks for more tokens.</summary>
internal static class MoreTokens
{
    /// <summary>A copy of a network for a vocabulary that begins with its own.</summary>
    /// <param name="network">The network, for V tokens.</param>
    /// <param name="vocabulary">V of its tokens, and W − V more.</param>
    public static LanguageModel Give(LanguageModel network, Vocabulary vocabulary)
    {
        var copy = new LanguageModel(vocabulary, network.Options, network.Ngrams?.Among(vocabulary.Count));
        foreach ((ParameterTensor from, ParameterTensor to) in network.Parameters.Tensors.Zip(copy.Parameters.Tensors))
        {
            ReadOnlySpan<float> values = network.Parameters.Slice(from);
            Span<float> target = copy.Parameters.Slice(to);
            if (from.Rows == to.Rows && from.Columns == to.Columns)
                values.CopyTo(target);
            else if (from.Columns == to.Columns)
                GiveRows(values, target, from.Columns); // [V, length] → [W, length]: embeddings, the decoder
            else
                GiveColumns(values, target, from.Rows, mean: !Parameters.IsTable(from)); // [rows, V] → [rows, W]: one-hot input, logits by n-gram
        }
        return copy;
    }

    private static void GiveRows(ReadOnlySpan<float> values, Span<float> target, int columns)
    {
        values.CopyTo(target);
        var mean = new float[columns];
        for (int column = 0; column < columns; column++)
            mean[column] = Mean(values, start: column, stride: columns);
        for (int start = values.Length; start < target.Length; start += columns)
            mean.CopyTo(target[start..]);
    }

    private static void GiveColumns(ReadOnlySpan<float> values, Span<float> target, int rows, bool mean)
    {
        if (rows == 0)
            return;
        int before = values.Length / rows, after = target.Length / rows;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> known = values.Slice(row * before, before);
            Span<float> all = target.Slice(row * after, after);
            known.CopyTo(all);
            all[before..].Fill(mean ? Mean(known, start: 0, stride: 1) : 0);
        }
    }

    // One chain in the order of the tokens, in double.
    private static float Mean(ReadOnlySpan<float> values, int start, int stride)
    {
        double sum = 0;
        int count = 0;
        for (int i = start + stride; i < values.Length; i += stride, count++)
            sum += values[i];
        return count == 0 ? values[start] : (float)(sum / count);
    }
}

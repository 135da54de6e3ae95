// A network with room for what a new text brings. What it knows stays as it is, to the bit, for the tokens and n-grams that it knows.
// A new token gets the mean of what they have, as input and as output: it is then nowhere likely and nowhere ruled out, and the
// others' probabilities fall by little (Hewitt 2021, "Initializing new word embeddings for pretrained language models"). The
// unknown token is left out of the mean: where every token was known, nothing ever taught it anything. A new n-gram's vector is
// zero, as every n-gram's was in the beginning, and n-grams say nothing of new tokens.
using System.Globalization;

namespace Unroll.Model;

/// <summary>Makes networks for more tokens and n-grams.</summary>
internal static class GrownNetwork
{
    /// <summary>A copy of a network.</summary>
    /// <param name="network">The network, for V tokens.</param>
    /// <param name="vocabulary">V of its tokens, and W − V more.</param>
    /// <param name="more">N-grams of these tokens that get rows where the network looks n-grams up; null = no more than it has.</param>
    public static LanguageModel Of(LanguageModel network, Vocabulary vocabulary, NgramIndex? more)
    {
        NgramIndex? ngrams = network.Ngrams?.Among(vocabulary.Count);
        int[] places = [.. Enumerable.Range(0, ngrams?.Rows ?? 0)];
        if (ngrams is not null && more is not null)
            ngrams = ngrams.With(more, out places);
        var copy = new LanguageModel(vocabulary, network.Options, ngrams);
        foreach (ParameterTensor to in copy.Parameters.Tensors)
        {
            if (network.Parameters.Find(to.Name) is not { } from)
            {
                BeginCluster(copy.Parameters, to);
                continue;
            }
            ReadOnlySpan<float> values = network.Parameters.Slice(from);
            Span<float> target = copy.Parameters.Slice(to);
            if (Parameters.IsTable(from))
                MoveRows(values, target, from.Columns, to.Columns, places.AsSpan(0, from.Rows));
            else if (from.Columns == to.Columns)
                AddRows(values, target, from.Columns); // [V, length] → [W, length]: embeddings, the decoder; or what has no tokens
            else
                AddColumns(values, target, from.Columns, to.Columns); // [rows, V] → [rows, W]: one-hot input
        }
        return copy;
    }

    // A cluster of an adaptive softmax for tokens that are all new: the projection of the cluster before it, as far as it goes, and
    // vectors of zeros, which make its tokens equally likely; P, which would learn nothing if it were zero as well, is there before W.
    private static void BeginCluster(Parameters parameters, ParameterTensor tensor)
    {
        string[] parts = tensor.Name.Split('.'); // decoder.tail.{cluster}.{0: P, 1: W}.weight
        if (parts[3] == "0" && parameters.Find($"decoder.tail.{int.Parse(parts[2], CultureInfo.InvariantCulture) - 1}.0.weight") is { } before)
            parameters.Slice(before)[..(int)tensor.Count].CopyTo(parameters.Slice(tensor));
    }

    private static void MoveRows(ReadOnlySpan<float> values, Span<float> target, int before, int after, ReadOnlySpan<int> places)
    {
        for (int row = 0; row < places.Length; row++)
            values.Slice(row * before, before).CopyTo(target[(places[row] * after)..]);
    }

    private static void AddRows(ReadOnlySpan<float> values, Span<float> target, int columns)
    {
        values.CopyTo(target);
        if (values.Length == target.Length)
            return;
        float[] mean = new float[columns];
        for (int column = 0; column < columns; column++)
            mean[column] = Mean(values, start: column, stride: columns);
        for (int start = values.Length; start < target.Length; start += columns)
            mean.CopyTo(target[start..]);
    }

    private static void AddColumns(ReadOnlySpan<float> values, Span<float> target, int before, int after)
    {
        for (int row = 0; row < values.Length / before; row++)
        {
            ReadOnlySpan<float> known = values.Slice(row * before, before);
            Span<float> all = target.Slice(row * after, after);
            known.CopyTo(all);
            all[before..].Fill(Mean(known, start: 0, stride: 1));
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

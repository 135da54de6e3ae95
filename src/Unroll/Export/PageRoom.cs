// What a page has room for. Networks of an average go first, for each predicts well by itself; then what was learned by n-grams, the
// longest first; one network's own weights never.
using Unroll.Model;

namespace Unroll.Export;

/// <summary>Makes a model small enough for a page.</summary>
internal static class PageRoom
{
    // What a page holds beside numbers and tokens: less than a hundred thousand bytes of words and scripts.
    private const long Page = 100_000;

    // Of base 64: four characters for three bytes.
    private const double Written = 4.0 / 3;

    /// <summary>A copy of as much of a model as a page has room for.</summary>
    /// <exception cref="UnrollException">Even one network without tables is too large.</exception>
    public static (LanguageModel Model, LeftOut LeftOut) Fit(LanguageModel model, WebPageOptions options)
    {
        LanguageModel[] members = [.. model.Members];
        long tokens = model.Vocabulary.Tokens.Sum(token => 16L + 6 * token.Length);
        int order = members.Max(member => member.Options.NgramOrder);
        while (Size() > options.Size)
        {
            if (members.Length > 1)
                members = members[..^1];
            else if (order >= 2)
                order--;
            else if (options.Bits == 8)
                throw new UnrollException($"The page would have {Size():N0} bytes, and {new PropertyName(nameof(WebPageOptions.Size))} allows {options.Size:N0}: allow more.");
            else
                throw new UnrollException($"The page would have {Size():N0} bytes, and {new PropertyName(nameof(WebPageOptions.Size))} allows {options.Size:N0}: allow more, or choose 8 {new PropertyName(nameof(WebPageOptions.Bits))}.");
        }
        LanguageModel fitting = LanguageModel.Average([.. members.Select(member => Copy(member, order))]);
        return (fitting, new LeftOut
        {
            MemoryTokens = model.MemoryTokens,
            Networks = model.Members.Count - members.Length,
            Ngrams = members.Zip(fitting.Members, (whole, copy) => (long)(whole.Ngrams?.Rows ?? 0) - (copy.Ngrams?.Rows ?? 0)).Sum(),
        });

        long Size() => Page + tokens + (long)(members.Sum(member => Bytes(member, order, options.Bits)) * Written);
    }

    private static long Bytes(LanguageModel network, int order, int bits)
    {
        (ModelOptions options, NgramIndex? ngrams) = Cut(network, order);
        return 8L * (ngrams?.Rows ?? 0) + Parameters.Layout(options, network.Vocabulary.Count, ngrams)
            .Sum(tensor => tensor.IsVector ? 4 * tensor.Count : PackedNumbers.Length(tensor.Rows, tensor.Columns, bits));
    }

    private static LanguageModel Copy(LanguageModel network, int order)
    {
        (ModelOptions options, NgramIndex? ngrams) = Cut(network, order);
        var copy = new LanguageModel(network.Vocabulary, options, ngrams);
        foreach (ParameterTensor tensor in copy.Parameters.Tensors)
        {
            Span<float> values = copy.Parameters.Slice(tensor);
            network.Parameters[tensor.Name][..values.Length].CopyTo(values); // of a table the first rows: shorter n-grams
        }
        return copy;
    }

    // A network's shape with n-grams up to an order.
    private static (ModelOptions Options, NgramIndex? Ngrams) Cut(LanguageModel network, int order)
    {
        if (network.Ngrams is not { } ngrams || network.Options.NgramOrder <= order)
            return (network.Options, network.Ngrams);
        ModelOptions options = network.Options with { InputNgrams = UpTo(network.Options.InputNgrams), OutputNgrams = UpTo(network.Options.OutputNgrams) };
        return (options, options.NgramOrder == 0 ? null : new NgramIndex(network.Vocabulary.Count, ngrams.Entries[..(2 * ngrams.RowsTo(order))], order));

        int UpTo(int most) => Math.Min(most, order) is >= 2 and int left ? left : 0;
    }
}

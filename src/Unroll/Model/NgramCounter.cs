// Finds the n-grams of a text that are worth a row: order by order, those seen often enough, whose contexts have rows already.
// An n-gram is never seen oftener than its context, so nothing is missed.
using Unroll.Data.Ids;

namespace Unroll.Model;

/// <summary>Counts the n-grams of a text.</summary>
internal static class NgramCounter
{
    private const int Piece = 1 << 16;

    /// <summary>The n-grams of a text that get rows in a model's tables.</summary>
    /// <param name="text">The training text.</param>
    /// <param name="vocabularySize">V.</param>
    /// <param name="end">The token that ends a document, or null: an n-gram may begin with it, and reach no further back.</param>
    /// <param name="options">The highest order, how often an n-gram must be seen, and how many may have rows: where too many would,
    /// it takes more to get one.</param>
    public static NgramIndex Count(TokenIds text, int vocabularySize, int? end, ModelOptions options)
    {
        int most = options.NgramOrder;
        var entries = new List<int>();
        int[] last = []; // the row of order n − 1 that ends at each position of a piece
        var index = new NgramIndex(vocabularySize, [], most);
        for (int order = 2; order <= most; order++)
        {
            Dictionary<(int Context, int Older), int> counts = CountOrder(text, index, order, end);
            int left = options.NgramRows - entries.Count / 2;
            int least = LeastCount(counts.Values, options.NgramCount, left);
            IEnumerable<(int Node, int Older)> kept = counts.Where(pair => pair.Value >= least)
                .Select(pair => (pair.Key.Context < 0 ? ~pair.Key.Context : vocabularySize + pair.Key.Context, pair.Key.Older))
                .Order();
            foreach ((int node, int older) in kept)
                entries.AddRange([node, older]);
            index = new NgramIndex(vocabularySize, [.. entries], most);
        }
        return index;
    }

    private static Dictionary<(int Context, int Older), int> CountOrder(TokenIds text, NgramIndex index, int order, int? end)
    {
        var counts = new Dictionary<(int Context, int Older), int>();
        int[] ids = new int[Piece + order - 1];
        for (long start = 0; start < text.Length; start += Piece)
        {
            // A piece begins with the tokens before it that its first n-grams reach back to.
            int before = (int)Math.Min(start, order - 1), length = (int)Math.Min(Piece, text.Length - start) + before;
            text.Read(start - before, ids.AsSpan(0, length));
            for (int position = before; position < length; position++)
            {
                int context = ~ids[position];
                for (int back = 1; back < order - 1 && context != NoContext && position >= back; back++)
                    context = index.Find(context, ids[position - back]) is >= 0 and int row ? row : NoContext;
                if (context == NoContext || position < order - 1 || ids[position - order + 2] == end)
                    continue;
                ref int count = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, (context, ids[position - order + 1]), out _);
                count++;
            }
        }
        return counts;
    }

    private const int NoContext = int.MinValue;

    private static int LeastCount(IEnumerable<int> counts, int least, int rows)
    {
        int[] often = [.. counts.Where(count => count >= least).OrderDescending()];
        return often.Length <= rows ? least : rows <= 0 ? int.MaxValue : often[rows] + 1;
    }
}

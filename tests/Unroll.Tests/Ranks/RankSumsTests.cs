using CsCheck;
using Unroll.Kernels;
using Unroll.Ranks;
using Xunit;
using static Unroll.Tests.Ranks.NaiveTree;

namespace Unroll.Tests.Ranks;

/// <summary>Sums over ranks are the upper levels of the tree that one machine makes of all shards, to the bit.</summary>
public class RankSumsTests
{
    [Fact]
    public void Any_number_of_ranks_makes_the_tree_over_any_number_of_shards() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.OneOf(0, 1, 15, 16, 17, 100, 1000), Gen.OneOf(7, 64, 1 << 20), Gen.Bool, Gen.Int[1, 1 << 20])
            .Sample((levels, below, length, piece, halves, seed) =>
            {
                (int count, int shards) = (1 << levels, 1 << (levels + below));
                float[][] of = [.. Enumerable.Range(0, shards).Select(shard => Numbers(length, seed + shard))];
                float[] expected = Tree(of);
                SimulatedRanks.Run(count, ranks =>
                {
                    int own = shards / count;
                    float[] mine = Tree(of[(ranks.Rank * own)..((ranks.Rank + 1) * own)]);
                    Assert.Equal(Bits(expected), Bits(Added(ranks, mine, mostSliced: halves ? 0 : 64, piece)));
                });
            }, iter: 40, threads: 1);

    [Fact]
    public void Numbers_in_double_are_added_likewise() => Gen.Select(Gen.Int[0, 5], Gen.Int[1, 1 << 20]).Sample((levels, seed) =>
    {
        double[] numbers = [.. Numbers(1 << levels, seed).Select(number => (double)number * number)];
        double[] tree = numbers;
        while (tree.Length > 1)
            tree = [.. tree.Chunk(2).Select(pair => pair[0] + pair[1])];
        SimulatedRanks.Run(numbers.Length, ranks => Assert.Equal(tree[0], new RankSums(ranks).Add(numbers[ranks.Rank])));
    }, iter: 20, threads: 1);

    [Fact]
    public void More_than_64_ranks_halve_and_double()
    {
        float[][] of = [.. Enumerable.Range(0, 128).Select(rank => Numbers(300, rank))];
        float[] expected = Tree(of);
        SimulatedRanks.Run(of.Length, ranks =>
        {
            Assert.Equal(Bits(expected), Bits(Added(ranks, of[ranks.Rank])));
            Assert.Equal(0, ((SimulatedRanks.One)ranks).LongestExchange);
        });
    }

    [Fact]
    public void Another_order_would_give_other_bits()
    {
        // A witness: with these numbers a chain differs from the tree, so the tests above can fail.
        float[][] of = [.. Enumerable.Range(0, 8).Select(shard => Numbers(100, shard))];
        float[] chain = of.Aggregate((sum, next) => [.. sum.Zip(next, (a, b) => a + b)]);
        Assert.NotEqual(Bits(chain), Bits(Tree(of)));
    }

    // All at once: there is nothing to compute beside.
    private static float[] Added(RankGroup ranks, float[] mine, int mostSliced = 64, int most = 1 << 24)
    {
        float[] row = GC.AllocateArray<float>(mine.Length, pinned: true);
        mine.CopyTo(row, 0);
        var sums = new OverlappedSums(ranks, new RankSums(ranks), threads: 1, steps: 1, mostSliced, most);
        sums.Begin();
        sums.Expect(0, Matrix.OfPinned(row, 0, row.Length, 1));
        sums.Ready(0);
        sums.Finish();
        Assert.InRange(((SimulatedRanks.One)ranks).LongestExchange, 0, (long)most * sizeof(float));
        return row;
    }
}

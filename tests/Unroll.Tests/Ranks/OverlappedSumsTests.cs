using CsCheck;
using Unroll.Kernels;
using Unroll.Ranks;
using Xunit;
using static Unroll.Tests.Ranks.NaiveTree;

namespace Unroll.Tests.Ranks;

/// <summary>What is added up while it is computed has the bits of what is added up afterwards.</summary>
public class OverlappedSumsTests
{
    [Fact]
    public void Pieces_are_the_whole_row_and_none_is_sent_before_it_is_made() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 400], Gen.OneOf(1L, 50, 300, long.MaxValue), Gen.Int[0, 1 << 20]).Sample((count, total, least, seed) =>
        {
            (List<(int, int)>[] steps, int[] madeBy) = RandomSteps(new Random(seed), count, total);
            List<SumPiece> pieces = SumPiece.Divide(steps, total, least);
            int[] times = new int[total];
            foreach ((int step, int start, int length) in pieces)
            {
                Assert.InRange(length, 1, total);
                for (int i = start; i < start + length; i++)
                {
                    times[i]++;
                    Assert.True(madeBy[i] <= step);
                }
            }
            Assert.All(times, time => Assert.Equal(1, time));
            Assert.Equal(pieces.Select(piece => piece.Step).Order(), pieces.Select(piece => piece.Step));
            foreach (IGrouping<int, SumPiece> together in pieces.GroupBy(piece => piece.Step))
                Assert.True(together.Key == count - 1 || together.Sum(piece => (long)piece.Length) >= least);
        }, iter: 300);

    [Fact]
    public void Sums_are_the_tree_s_however_threads_and_messages_come() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[1, 3], Gen.Int[1, 5], Gen.OneOf(1, 40, 700), Gen.Bool, Gen.Int[0, 1 << 20]).Sample((levels, threads, count, total, halves, seed) =>
        {
            int ranks = 1 << levels;
            (List<(int, int)>[] steps, int[] madeBy) = RandomSteps(new Random(seed), count, total);
            List<SumPiece> pieces = SumPiece.Divide(steps, total, least: 30);
            float[][][] of = [.. Enumerable.Range(0, 2).Select(batch => Enumerable.Range(0, ranks).Select(rank => Numbers(total, seed + batch * 100 + rank)).ToArray())];
            SimulatedRanks.Run(ranks, group =>
            {
                float[] row = GC.AllocateArray<float>(total, pinned: true);
                var sums = new OverlappedSums(group, new RankSums(group), threads, count, mostSliced: halves ? 0 : 64, most: 64);
                foreach (float[][] minibatch in of)
                {
                    Array.Fill(row, float.NaN);
                    sums.Begin();
                    foreach ((int step, int start, int length) in pieces)
                        sums.Expect(step, Matrix.OfPinned(row, start, length, 1));
                    Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(thread => new Thread(() => Compute(thread)))];
                    Array.ForEach(others, thread => thread.Start());
                    Compute(0);
                    sums.Finish();
                    Array.ForEach(others, thread => thread.Join());
                    Assert.Equal(Bits(Tree(minibatch)), Bits(row));
                    Assert.InRange(((SimulatedRanks.One)group).LongestExchange, 0, 64 * sizeof(float));

                    void Compute(int thread)
                    {
                        var random = new Random(seed + thread + group.Rank);
                        for (int step = 0; step < count; step++)
                        {
                            if (random.Next(3) == 0)
                                Thread.Yield();
                            for (int i = thread; i < total; i += threads)
                                if (madeBy[i] == step)
                                    row[i] = minibatch[group.Rank][i];
                            sums.Ready(thread);
                        }
                    }
                }
            });
        }, iter: 25, threads: 1);

    // Of every element the step that makes it, and the same as ranges; what the last step makes need not be named.
    private static (List<(int, int)>[] Steps, int[] MadeBy) RandomSteps(Random random, int count, int total)
    {
        List<(int, int)>[] steps = [.. Enumerable.Range(0, count).Select(_ => new List<(int, int)>())];
        int[] madeBy = new int[total];
        for (int start = 0; start < total;)
        {
            (int length, int step) = (Math.Min(total - start, random.Next(1, 1 + total / 2)), random.Next(count));
            if (step < count - 1 || random.Next(2) == 0)
                steps[step].Add((start, length));
            Array.Fill(madeBy, step, start, length);
            start += length;
        }
        return (steps, madeBy);
    }
}

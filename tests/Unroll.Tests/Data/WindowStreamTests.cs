using CsCheck;
using Xunit;

namespace Unroll.Tests.Data;

public class WindowStreamTests
{
    [Fact]
    public void TheBooksExampleInSequence()
    {
        WindowEpoch epoch = Stream(35, 2, 5, WindowOrder.Sequential).At(epoch: 0, offset: 0);
        Assert.Equal(3, epoch.Count);
        // Rows start at 0 and 17; time-major, so the rows stand beside one another.
        Assert.Equal([0, 17, 1, 18, 2, 19, 3, 20, 4, 21], Read(epoch, 0, 2, 5).Inputs);
        Assert.Equal([1, 18, 2, 19, 3, 20, 4, 21, 5, 22], Read(epoch, 0, 2, 5).Targets);
        Assert.Equal([5, 22, 6, 23, 7, 24, 8, 25, 9, 26], Read(epoch, 1, 2, 5).Inputs);
        Assert.Equal([10, 27, 11, 28, 12, 29, 13, 30, 14, 31], Read(epoch, 2, 2, 5).Inputs);
        Assert.Equal([11, 28, 12, 29, 13, 30, 14, 31, 15, 32], Read(epoch, 2, 2, 5).Targets);
        Assert.Equal([true, false, false], Enumerable.Range(0, 3).Select(n => epoch.StartsFresh(n)));
    }

    [Fact]
    public void TheBooksExampleAtRandom()
    {
        WindowEpoch epoch = Stream(35, 2, 5, WindowOrder.Random).At(epoch: 0, offset: 0);
        Assert.Equal(3, epoch.Count);
        var starts = new List<int>();
        for (int n = 0; n < 3; n++)
        {
            (int[] inputs, int[] targets) = Read(epoch, n, 2, 5);
            Assert.Equal(inputs.Select(id => id + 1), targets);
            for (int row = 0; row < 2; row++)
            {
                starts.Add(inputs[row]);
                Assert.Equal(Enumerable.Range(inputs[row], 5), Enumerable.Range(0, 5).Select(t => inputs[(t * 2) + row]));
            }
        }
        Assert.Equal([0, 5, 10, 15, 20, 25], starts.Order());
        Assert.Equal([true, true, true], Enumerable.Range(0, 3).Select(n => epoch.StartsFresh(n)));
    }

    [Fact]
    public void ResetReadsSequentiallyAndStartsFresh()
    {
        WindowStream reset = Stream(200, 2, 5, WindowOrder.Reset), sequential = Stream(200, 2, 5, WindowOrder.Sequential);
        for (int e = 0; e < 5; e++)
        {
            (WindowEpoch a, WindowEpoch b) = (reset.Epoch(e), sequential.Epoch(e));
            Assert.Equal(b.Count, a.Count);
            for (int n = 0; n < a.Count; n++)
            {
                AssertSame(Read(b, n, 2, 5), Read(a, n, 2, 5));
                Assert.True(a.StartsFresh(n));
            }
        }
    }

    [Theory]
    [InlineData(WindowOrder.Sequential, 35)]
    [InlineData(WindowOrder.Reset, 35)]
    [InlineData(WindowOrder.Random, 34)]
    public void TenThousandTokensAreEightMinibatchesAtEveryOffset(WindowOrder sampling, int largestOffset)
    {
        WindowStream stream = Stream(10_000, 32, 35, sampling);
        for (int offset = 0; offset <= largestOffset; offset++)
            Assert.Equal(8, stream.At(epoch: 0, offset).Count);
        Assert.Equal([0, .. Enumerable.Range(1, largestOffset)], Offsets(stream, sampling));
    }

    [Fact]
    public void WindowsAreInsideTheTextAndDisjoint() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 7], Gen.Int[0, 200], Gen.Enum<WindowOrder>(), Gen.ULong[0, 1000]).Sample((batch, steps, extra, sampling, seed) =>
        {
            int length = (batch * steps) + steps + 1 + extra;
            WindowStream stream = Stream(length, batch, steps, sampling, seed);
            for (int e = 0; e < 3; e++)
            {
                WindowEpoch epoch = stream.Epoch(e);
                Assert.True(epoch.Count >= 1);
                var seen = new List<int>();
                for (int n = 0; n < epoch.Count; n++)
                {
                    (int[] inputs, int[] targets) = Read(epoch, n, batch, steps);
                    Assert.Equal(inputs.Select(id => id + 1), targets);
                    Assert.All(targets, id => Assert.InRange(id, 1, length - 1));
                    for (int t = 1; t < steps; t++)
                    {
                        for (int b = 0; b < batch; b++)
                            Assert.Equal(inputs[((t - 1) * batch) + b] + 1, inputs[(t * batch) + b]);
                    }
                    if (n > 0 && sampling != WindowOrder.Random)
                        Assert.Equal(Read(epoch, n - 1, batch, steps).Targets[^batch..], inputs[..batch]);
                    seen.AddRange(inputs);
                }
                Assert.Distinct(seen);
            }
        });

    [Fact]
    public void AnEpochCanBeReadAgainFromAnyMinibatch() => Gen.Select(Gen.Enum<WindowOrder>(), Gen.Int[0, 1000], Gen.ULong).Sample((sampling, e, seed) =>
    {
        WindowEpoch first = Stream(2000, 3, 7, sampling, seed).Epoch(e);
        WindowEpoch again = Stream(2000, 3, 7, sampling, seed).Epoch(e);
        for (long n = again.Count - 1; n >= 0; n--)
            AssertSame(Read(first, n, 3, 7), Read(again, n, 3, 7));
    }, iter: 20);

    [Fact]
    public void EveryEpochHasAnOrderOfItsOwn()
    {
        WindowStream stream = Stream(2000, 3, 7, WindowOrder.Random);
        Assert.Distinct(Enumerable.Range(0, 20).Select(e => string.Join(' ', Read(stream.Epoch(e), 0, 3, 7).Inputs)));
        Assert.NotEqual(Read(stream.Epoch(0), 0, 3, 7).Inputs, Read(Stream(2000, 3, 7, WindowOrder.Random, seed: 2).Epoch(0), 0, 3, 7).Inputs);
    }

    [Fact]
    public void WhatIsDrawnNeverChanges()
    {
        // Part of the reproducibility contract: a run resumed with a later version reads on in the same order.
        Assert.Equal("6 11 35 19 24 13 26 12", string.Join(' ', Enumerable.Range(0, 8).Select(e => Read(Stream(10_000, 1, 35, WindowOrder.Sequential, 42).Epoch(e), 0, 1, 35).Inputs[0])));
        Assert.Equal("964 9854 159 3589 3939 4394 6389 6914", string.Join(' ', Enumerable.Range(0, 8).Select(n => Read(Stream(10_000, 1, 35, WindowOrder.Random, 42).Epoch(3), n, 1, 35).Inputs[0])));
    }

    [Theory]
    [InlineData(WindowOrder.Sequential, 32, 35, 1156)]
    [InlineData(WindowOrder.Reset, 2, 5, 16)]
    [InlineData(WindowOrder.Random, 32, 35, 1155)]
    public void ATextTooShortAtSomeOffsetIsASentence(WindowOrder sampling, int batch, int steps, int needed)
    {
        WindowStream stream = Stream(needed, batch, steps, sampling);
        for (int offset = 0; offset <= (sampling == WindowOrder.Random ? steps - 1 : steps); offset++)
            Assert.True(stream.At(0, offset).Count >= 1);
        string message = Assert.Throws<UnrollException>(() => Stream(needed - 1, batch, steps, sampling)).Message;
        Assert.Contains($"needs {needed} tokens", message);
        Assert.Contains($"there are {needed - 1}", message);
    }

    [Fact]
    public void NonsenseIsRefused()
    {
        Assert.Throws<UnrollException>(() => Stream(100, 0, 5, WindowOrder.Sequential));
        Assert.Throws<UnrollException>(() => Stream(100, 2, 0, WindowOrder.Sequential));
        Assert.Throws<UnrollException>(() => Stream(100, 2, 5, (WindowOrder)9));
        Assert.Throws<UnrollException>(() => Stream(100, int.MaxValue, int.MaxValue, WindowOrder.Sequential));
        Assert.Throws<ArgumentOutOfRangeException>(() => Stream(100, 2, 5, WindowOrder.Sequential).Epoch(-1));
        WindowEpoch epoch = Stream(100, 2, 5, WindowOrder.Sequential).Epoch(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(epoch, epoch.Count, 2, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(epoch, -1, 2, 5));
        Assert.Throws<ArgumentException>(() => Read(epoch, 0, 2, 4));
    }

    private static IEnumerable<int> Offsets(WindowStream stream, WindowOrder sampling) => Enumerable.Range(0, 600)
        .Select(e => Read(stream.Epoch(e), 0, 32, 35).Inputs[..(sampling == WindowOrder.Random ? 32 : 1)].Min(id => id % (sampling == WindowOrder.Random ? 35 : 10_000)))
        .Distinct().Order();

    private static void AssertSame((int[] Inputs, int[] Targets) expected, (int[] Inputs, int[] Targets) actual)
    {
        Assert.Equal(expected.Inputs, actual.Inputs);
        Assert.Equal(expected.Targets, actual.Targets);
    }

    private static (int[] Inputs, int[] Targets) Read(WindowEpoch epoch, long index, int batch, int steps)
    {
        int[] inputs = new int[batch * steps], targets = new int[batch * steps];
        epoch.Read(index, inputs, targets);
        return (inputs, targets);
    }

    private static WindowStream Stream(int length, int batch, int steps, WindowOrder sampling, ulong seed = 1) =>
        new(new TokenIds(Enumerable.Range(0, length).ToArray()), batch, steps, sampling, seed);
}

using System.Collections.Concurrent;
using Unroll.Data.Ids;
using Xunit;

namespace Unroll.Tests.Data.Ids;

public class ParallelChunksTests
{
    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 3)]
    [InlineData(100, 1)]
    [InlineData(100, 3)]
    public void ResultsAreTakenInOrderOnTheCallingThread(int count, int threads)
    {
        int me = Environment.CurrentManagedThreadId;
        var inUse = new ConcurrentDictionary<byte[], bool>();
        var taken = new List<int>();
        ParallelChunks.Run(count, threads, 8, (i, buffer) =>
        {
            Assert.True(inUse.TryAdd(buffer, true)); // nobody else has it
            Assert.Equal(8, buffer.Length);
            Assert.InRange(inUse.Count, 1, threads);
            Assert.True(inUse.TryRemove(buffer, out _));
            return i * i;
        }, (i, square) =>
        {
            Assert.Equal((me, i * i), (Environment.CurrentManagedThreadId, square));
            taken.Add(i);
        }, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, count), taken);
    }

    [Fact]
    public void WhatGoesWrongIsToldInOrderWhenNobodyWorksAnyMore()
    {
        int working = 0;
        Exception exception = Assert.Throws<InvalidTimeZoneException>(() => ParallelChunks.Run<int>(100, 3, 8, (i, _) =>
        {
            Interlocked.Increment(ref working);
            try
            {
                return i >= 5 ? throw new InvalidTimeZoneException($"{i}") : i;
            }
            finally
            {
                Interlocked.Decrement(ref working);
            }
        }, (_, _) => { }, TestContext.Current.CancellationToken));
        Assert.Equal("5", exception.Message);
        Assert.Equal(0, working);
        Assert.Throws<InvalidTimeZoneException>(() => ParallelChunks.Run(100, 3, 8, (i, _) => i, (_, _) => throw new InvalidTimeZoneException(), default));
    }

    [Fact]
    public void ItCanBeStopped()
    {
        using var stop = new CancellationTokenSource();
        int taken = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => ParallelChunks.Run(1000, 2, 8, (i, _) => i, (_, _) =>
        {
            taken++;
            stop.Cancel();
        }, stop.Token));
        Assert.Equal(1, taken);
    }
}

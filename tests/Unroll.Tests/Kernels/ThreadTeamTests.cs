using CsCheck;
using Unroll.Kernels;
using Xunit;

namespace Unroll.Tests.Kernels;

/// <summary>Threads that meet, and shares that fit together.</summary>
public class ThreadTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(16)]
    public void Nobody_passes_a_barrier_before_all_are_there(int threads)
    {
        using var team = new ThreadTeam(threads);
        int[] written = new int[threads];
        bool wrong = false;
        for (int run = 0; run < 40; run++)
            team.Run(thread =>
            {
                for (int round = 0; round < 10; round++)
                {
                    written[thread]++;
                    team.Meet(thread);
                    for (int other = 0; other < threads; other++)
                        if (Volatile.Read(ref written[other]) != written[thread])
                            wrong = true;
                    team.Meet(thread);
                }
            });
        Assert.False(wrong);
        Assert.All(written, count => Assert.Equal(400, count));
    }

    [Fact]
    public void A_team_wakes_after_a_pause()
    {
        using var team = new ThreadTeam(3);
        int count = 0;
        for (int run = 0; run < 5; run++)
        {
            team.Run(_ => Interlocked.Increment(ref count));
            Thread.Sleep(20); // long enough for every thread to fall asleep
        }
        Assert.Equal(15, count);
    }

    [Fact]
    public void Disposing_twice_does_no_harm()
    {
        var team = new ThreadTeam(3);
        team.Dispose();
        team.Dispose();
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    [InlineData(5, 3)]
    public void An_exception_in_any_share_surfaces_at_the_caller_and_the_team_goes_on(int threads, int failing)
    {
        using var team = new ThreadTeam(threads);
        ThreadBarrier barrier = team.Barrier(threads);
        for (int round = 0; round < 5; round++)
        {
            var thrown = Assert.Throws<InvalidTimeZoneException>(() => team.Run(thread =>
            {
                team.Meet(thread);
                if (thread == failing)
                    throw new InvalidTimeZoneException($"{round}");
                team.Meet(thread); // where the others wait in vain
                barrier.Wait(thread);
            }));
            Assert.Equal($"{round}", thrown.Message);
            int count = 0;
            team.Run(thread =>
            {
                team.Meet(thread);
                Interlocked.Increment(ref count);
                barrier.Wait(thread);
            });
            Assert.Equal(threads, count);
        }
    }

    [Fact]
    public void A_disposed_team_runs_nothing()
    {
        var team = new ThreadTeam(2);
        team.Dispose();
        Assert.Throws<ObjectDisposedException>(() => team.Run(_ => { }));
        Assert.All(team.Workers, worker => Assert.True(worker.Join(TimeSpan.FromMinutes(1))));
    }

    [Fact]
    public void Shares_cover_everything_once_and_are_equal_to_within_one() =>
        Gen.Select(Gen.Int[0, 10_000], Gen.Int[1, 70]).Sample((total, parts) =>
        {
            int next = 0;
            for (int part = 0; part < parts; part++)
            {
                (int start, int end) = Share.Of(total, parts, part);
                Assert.Equal(next, start);
                Assert.InRange(end - start, total / parts, total / parts + 1);
                next = end;
            }
            Assert.Equal(total, next);
        });
}

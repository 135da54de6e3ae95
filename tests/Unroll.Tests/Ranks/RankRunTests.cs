using Unroll.Tests.Reproducibility;
using Unroll.Tests.Training;
using Xunit;

namespace Unroll.Tests.Ranks;

/// <summary>Ranks that share a run end it with the file that one process writes, byte for byte.</summary>
public class RankRunTests
{
    private const int Shards = 4;

    public static TheoryData<string> Names => [.. TinyRun.All.Select(run => run.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_run_ends_in_the_same_bytes(string name)
    {
        TinyRun run = TinyRun.Find(name);
        run = run with { Training = run.Training with { Shards = Shards } };
        TinyRun.Hashes expected = run.Run(threads: 1);
        foreach (int count in (int[])[2, 4])
            SimulatedRanks.Run(count, ranks =>
            {
                TinyRun.Hashes hashes = run.Run(threads: ranks.Rank % 2 + 1, ranks);
                Assert.Equal(expected.Parameters, hashes.Parameters);
                Assert.Equal(ranks.Rank == 0 ? expected.File : null, hashes.File);
            });
    }
}

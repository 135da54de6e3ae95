using System.Globalization;
using Unroll.Kernels;
using Xunit;

namespace Unroll.Tests.Reproducibility;

/// <summary>
/// Equal options and seeds give the same bytes, whatever the thread count and the vector width. The expected hashes stand in
/// <see cref="TinyRun"/>; <see cref="VectorWidthTests"/> runs this class again with narrower vectors.
/// </summary>
public class FingerprintTests
{
    /// <summary>Set where this class runs as a child: the widest vectors, in floats, that the switches leave.</summary>
    public const string MostLanes = "UNROLL_TESTS_MOST_LANES";

    /// <summary>Set where this class runs as a child: the hashes of the files that its parent's runs ended with.</summary>
    public const string Files = "UNROLL_TESTS_FILES";

    public static TheoryData<string> Names => [.. TinyRun.All.Select(run => run.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_ends_with_the_expected_bytes(string name)
    {
        TinyRun run = TinyRun.Find(name);
        if (Environment.GetEnvironmentVariable(MostLanes) is { } most)
            Assert.InRange(LaneWidth.Current, 1, int.Parse(most, CultureInfo.InvariantCulture));
        TinyRun.Hashes first = run.Run(threads: 1);
        Assert.True(run.Hash == first.Parameters, $"With {LaneWidth.Name} the parameters' hash is {first.Parameters} instead of {run.Hash}.");
        foreach (int threads in (int[])[2, 5, 16])
            Assert.Equal(first, run.Run(threads));
        if (Environment.GetEnvironmentVariable(Files) is { } files)
            Assert.Contains(first.File, files.Split(' '));
    }

    [Fact]
    public void A_comma_for_a_decimal_point_changes_nothing()
    {
        TinyRun run = TinyRun.All[^1];
        TinyRun.Hashes expected = run.Run(threads: 1);
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NegativeSign = "−";
        culture.NumberFormat.NumberGroupSeparator = ".";
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = culture;
            Assert.Equal("0,5", 0.5.ToString());
            Assert.Equal(expected, run.Run(threads: 1));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}

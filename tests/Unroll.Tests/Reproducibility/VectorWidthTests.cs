using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Xunit;

namespace Unroll.Tests.Reproducibility;

/// <summary>Runs the fingerprints again, in child processes that the runtime gives narrower vectors.</summary>
[Slow]
public class VectorWidthTests
{
    private static readonly Lazy<string> ExpectedFiles = new(() => string.Join(' ', TinyRun.All.Select(run => run.Run(threads: 1).File)));

    // The runtime's switches: without AVX-512; without AVX2 and fused multiply-add; without any.
    [Theory]
    [InlineData("DOTNET_EnableAVX512", 8)]
    [InlineData("DOTNET_EnableAVX2", 1)]
    [InlineData("DOTNET_EnableHWIntrinsic", 1)]
    public async Task Narrower_vectors_give_the_same_bytes(string variable, int mostLanes)
    {
        if (variable != "DOTNET_EnableHWIntrinsic")
            Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "AVX is x64's.");
        Assert.SkipUnless(Environment.GetEnvironmentVariable(FingerprintTests.MostLanes) is null, "This is the child.");

        ProcessStartInfo start = TestProgram.With("-class", typeof(FingerprintTests).FullName!, "-class", typeof(CompressedBytesTests).FullName!);
        start.Environment[variable] = "0";
        start.Environment[FingerprintTests.Files] = ExpectedFiles.Value;
        start.Environment[FingerprintTests.MostLanes] = mostLanes.ToString(CultureInfo.InvariantCulture);

        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(child.ExitCode == 0, $"With {variable}=0:\n{output}\n{await errors}");
        Assert.Contains("Failed: 0", output);
        Assert.DoesNotContain("Total: 0", output);
    }
}

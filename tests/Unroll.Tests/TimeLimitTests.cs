using System.Diagnostics;
using Xunit;

namespace Unroll.Tests;

[Slow]
public class TimeLimitTests
{
    [Theory]
    [InlineData(nameof(Loops))]
    [InlineData(nameof(Waits))]
    public async Task A_test_that_hangs_ends_the_tests_with_its_name(string method)
    {
        ProcessStartInfo start = TestProgram.WithExplicitTest(typeof(TimeLimitTests), method);
        start.Environment[TimeLimitAttribute.Seconds] = "0.5";
        using Process child = Process.Start(start)!;
        Task<string> output = child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"{method} has not come to its end", await child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, child.ExitCode);
        Assert.DoesNotContain("Failed: 0", await output);
    }

    [Fact(Explicit = true)]
    public void Loops()
    {
        SkipUnlessStarted();
        for (long i = 0; ; i++)
            Interlocked.MemoryBarrier();
    }

    [Fact(Explicit = true)]
    public void Waits()
    {
        SkipUnlessStarted();
        var thread = new Thread(() => Thread.Sleep(Timeout.Infinite));
        thread.Start(); // a foreground thread, such as those of a team that hangs
        thread.Join();
    }

    private static void SkipUnlessStarted() =>
        Assert.SkipWhen(Environment.GetEnvironmentVariable(TimeLimitAttribute.Seconds) is null, "Only another test starts this.");
}

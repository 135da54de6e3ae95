// A test that hangs, be it synchronous and in a loop, ends the tests with its name instead of holding them up for ever.
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Unroll.Tests;
using Xunit.v3;

[assembly: TimeLimit]

namespace Unroll.Tests;

/// <summary>Gives every test the same time, many times what the slowest one takes.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class TimeLimitAttribute : BeforeAfterTestAttribute
{
    /// <summary>Seconds, where a test of this very attribute sets fewer.</summary>
    public const string Seconds = "UNROLL_TESTS_TIME_LIMIT";

    /// <summary>The time that a test has.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable(Seconds) ?? "900", CultureInfo.InvariantCulture));

    private static readonly ConcurrentDictionary<string, Timer> Running = new();

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) =>
        Running[test.UniqueID] = new Timer(_ => End(test.TestDisplayName), null, Limit, Timeout.InfiniteTimeSpan);

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Running.TryRemove(test.UniqueID, out Timer? timer))
            timer.Dispose();
    }

    private static void End(string test)
    {
        Console.Error.WriteLine($"{test} has not come to its end within {Limit.TotalSeconds:0} seconds. The tests end here.");
        Environment.Exit(1);
    }
}

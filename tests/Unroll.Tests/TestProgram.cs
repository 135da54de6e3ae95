using System.Diagnostics;

namespace Unroll.Tests;

/// <summary>These tests in a process of their own, for what ends a process or must be set before it starts.</summary>
internal static class TestProgram
{
    /// <summary>How to start it.</summary>
    /// <param name="words">Options of the test runner.</param>
    public static ProcessStartInfo With(params string[] words)
    {
        string program = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return new ProcessStartInfo(program, isHost ? [typeof(TestProgram).Assembly.Location, .. words] : words)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }

    /// <summary>How to start a test that runs only there.</summary>
    public static ProcessStartInfo WithExplicitTest(Type type, string method) => With("-explicit", "only", "-method", $"{type.FullName}.{method}");
}

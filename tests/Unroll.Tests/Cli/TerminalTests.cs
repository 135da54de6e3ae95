using System.Text.RegularExpressions;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>What a terminal gets to see, by way of <c>script</c>, which lends the command one.</summary>
public partial class TerminalTests
{
    private const string Script = "/usr/bin/script";
    private const string Train = "train --hidden 8 --epochs 3 --batch 8 --threads 1 --sample-every 1";

    [Fact]
    public void On_a_terminal_progress_is_live_and_in_colour()
    {
        string screen = Show(new() { ["TERM"] = "xterm-256color" });
        Assert.Matches(CursorMove(), screen);
        Assert.Matches(Colour(), screen);
        Assert.Contains("━", screen);
        Assert.Contains("perplexity", screen);
        Assert.Matches(SampleOnCleanLine(), screen);
        Assert.Contains("\e[?25h", screen);
    }

    [Fact]
    public void NO_COLOR_is_honoured()
    {
        string screen = Show(new() { ["TERM"] = "xterm-256color", ["NO_COLOR"] = "1" });
        Assert.Matches(CursorMove(), screen);
        Assert.DoesNotMatch(Colour(), screen);
    }

    [Fact]
    public void A_dumb_terminal_gets_plain_lines() => Assert.DoesNotContain('\e', Show(new() { ["TERM"] = "dumb" }));

    private static string Show(Dictionary<string, string> environment)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(Script), $"There is no {Script}.");
        using var folder = new TemporaryFolder();
        using UnrollProcess process = UnrollProcess.Start(
            folder.Path, Script, ["-qefc", $"stty cols 100 rows 30; dotnet '{UnrollProcess.Program}' {Train}", "/dev/null"], environment);
        process.Send("");
        return process.Finish().Succeeded().Out;
    }

    [GeneratedRegex(@"\e\[\d*[AFG]")]
    private static partial Regex CursorMove();

    // A sample takes the place of the live lines: what they leave to its right must go.
    [GeneratedRegex(@"\e\[J(\e\[[\d;]*m)*epoch 2 ")]
    private static partial Regex SampleOnCleanLine();

    [GeneratedRegex(@"\e\[[\d;]+m")]
    private static partial Regex Colour();
}

using System.Text.Json;
using Unroll.Tests.Cli;
using Xunit;

namespace Unroll.Tests.Web.Pages;

/// <summary>A real Chromium that does what a person does (tests/browser/pages.mjs). It takes its time, so its tests run where UNROLL_BROWSER
/// asks for them, and where there is one, and node.</summary>
internal static class Browser
{
    private static readonly string? Chromium = Node.Find("chromium", "chromium-browser", "google-chrome", "chrome");

    /// <summary>Where pictures of the pages go: the folder that UNROLL_SCREENSHOTS names, or one that goes again.</summary>
    private static string? Screenshots => Environment.GetEnvironmentVariable("UNROLL_SCREENSHOTS");

    /// <summary>Plays a scenario to its end.</summary>
    /// <param name="scenario">Its name.</param>
    /// <param name="address">The server.</param>
    /// <param name="given">What it needs to know.</param>
    /// <param name="script">Where it stands.</param>
    public static async Task PlayAsync(string scenario, Uri address, object? given = null, string script = "pages.mjs")
    {
        using var own = new TemporaryFolder();
        using UnrollProcess process = Start(scenario, address, given, Screenshots ?? own.Path, script);
        UnrollOutput output = await Task.Run(process.Finish, TestContext.Current.CancellationToken);
        Assert.True(output.ExitCode == 0, output.Error);
    }

    /// <summary>Begins a scenario.</summary>
    public static UnrollProcess Start(string scenario, Uri address, object? given, string screenshots, string script = "pages.mjs")
    {
        SkipWithout();
        Directory.CreateDirectory(screenshots);
        return Node.Start("browser", [script, scenario, address.AbsoluteUri, Path.GetFullPath(screenshots), JsonSerializer.Serialize(given ?? new { })],
            new Dictionary<string, string> { ["CHROMIUM"] = Chromium! });
    }

    /// <summary>Skips the test where no browser is asked for, or there is none.</summary>
    public static void SkipWithout()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("UNROLL_BROWSER")), "Pages are tried in a real Chromium where the variable UNROLL_BROWSER is set, such as to yes.");
        Assert.SkipWhen(Chromium is null, "There is no Chromium here (on Debian: apt-get install chromium).");
    }
}

using System.Text.Json;
using Unroll.Tests.Architecture;
using Unroll.Tests.Cli;
using Xunit;

namespace Unroll.Tests.Web.Pages;

/// <summary>A real Chromium that does what a person does (tests/browser/pages.mjs). It takes its time, so its tests run where UNROLL_BROWSER
/// asks for them, and where there is one, and node.</summary>
internal static class Browser
{
    private static readonly Lazy<string?> Missing = new(Prepare);

    private static readonly string? Chromium = Find("chromium", "chromium-browser", "google-chrome", "chrome");

    /// <summary>Where pictures of the pages go: the folder that UNROLL_SCREENSHOTS names, or one that goes again.</summary>
    private static string? Screenshots => Environment.GetEnvironmentVariable("UNROLL_SCREENSHOTS");

    private static string Folder => Repository.Path("tests", "browser");

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
        return UnrollProcess.Start(Folder, "node", [script, scenario, address.AbsoluteUri, screenshots, JsonSerializer.Serialize(given ?? new { })],
            new Dictionary<string, string> { ["CHROMIUM"] = Chromium! });
    }

    /// <summary>Skips the test where no browser is asked for, or there is none.</summary>
    public static void SkipWithout()
    {
        if (Missing.Value is { } reason)
            Assert.Skip(reason);
    }

    private static string? Prepare()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("UNROLL_BROWSER")))
            return "Pages are tried in a real Chromium where the variable UNROLL_BROWSER is set, such as to yes.";
        if (Find("node") is null || Find("npm") is null)
            return "There is no node here to drive a browser with (on Debian: apt-get install nodejs npm).";
        if (Chromium is null)
            return "There is no Chromium here (on Debian: apt-get install chromium).";
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "wabt")))
            return null;
        using UnrollProcess install = UnrollProcess.Start(Folder, "npm", ["ci", "--no-audit", "--no-fund"]);
        UnrollOutput output = install.Finish();
        return output.ExitCode == 0 ? null : $"npm ci has failed: {output.Error}";
    }

    /// <summary>The path of a program by one of its names; null where there is none.</summary>
    public static string? Find(params string[] names) =>
        names.SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
}

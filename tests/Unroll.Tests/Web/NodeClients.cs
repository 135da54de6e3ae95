using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Unroll.Tests.Architecture;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>Clients of the npm, as anybody installs them, in a process of their own.</summary>
internal static class NodeClients
{
    private static readonly Lazy<Task<string>> Folder = new(InstallAsync);

    /// <summary>Runs a script of <c>tests/clients</c> and reads what it says; the test is skipped where there is no Node.</summary>
    public static async Task<JsonElement> RunAsync(string script, Uri address, string key)
    {
        string folder = await Folder.Value;
        (int code, string output, string errors) = await StartAsync("node", folder, [Path.Combine(folder, script), $"{address}", key]);
        Assert.True(code == 0, errors);
        return JsonDocument.Parse(output).RootElement;
    }

    // Beside the compiled tests, so that the source stays as it is; once for all builds, as long as the lock file is the same.
    private static async Task<string> InstallAsync()
    {
        string source = Repository.Path("tests", "clients"), folder = Path.Combine(AppContext.BaseDirectory, "clients"), mark = Path.Combine(folder, "installed");
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(source))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        string wanted = File.ReadAllText(Path.Combine(source, "package-lock.json"));
        if (File.Exists(mark) && File.ReadAllText(mark) == wanted)
            return folder;
        (int code, _, string errors) = await StartAsync("npm", folder, ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
        Assert.SkipWhen(code != 0, $"The clients could not be installed, perhaps because there is no network: {errors}");
        File.WriteAllText(mark, wanted);
        return folder;
    }

    private static async Task<(int Code, string Output, string Errors)> StartAsync(string program, string folder, string[] words)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() && program == "npm" ? "npm.cmd" : program, words)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process? started = null;
        try
        {
            started = Process.Start(start);
        }
        catch (Win32Exception)
        {
            Assert.Skip($"There is no {program} here: clients written in JavaScript are not tried.");
        }
        using Process process = started!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await errors);
    }
}

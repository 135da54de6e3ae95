using System.Diagnostics;
using Unroll.Web;

namespace Unroll.Serving;

/// <summary>A server in a process of its own, so that what it uses can be told from what its clients use. The process says its address in
/// its first line, and stops when its input ends.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Role = "server";
    private readonly Process process;

    private ServerProcess(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Bytes of memory in use.</summary>
    public long Memory => Refreshed.WorkingSet64;

    /// <summary>Open files, sockets among them.</summary>
    public int Handles => Refreshed.HandleCount;

    public int Threads => Refreshed.Threads.Count;

    private Process Refreshed
    {
        get
        {
            process.Refresh();
            return process;
        }
    }

    /// <summary>Starts Unroll's server: this program, in another role.</summary>
    public static Task<ServerProcess> StartAsync(int slots = 72, int queue = 256) => StartAsync(Environment.ProcessPath!, Role, $"{slots}", $"{queue}");

    /// <summary>Starts a server.</summary>
    public static async Task<ServerProcess> StartAsync(string program, params string[] arguments)
    {
        Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        string? address = await process.StandardOutput.ReadLineAsync();
        return new ServerProcess(process, new Uri(address ?? throw new InvalidOperationException($"{program} has not started.")));
    }

    /// <summary>The server's role, if that is what the arguments say.</summary>
    public static async Task<bool> IsServer(string[] args)
    {
        if (args is not [Role, string slots, string queue])
            return false;
        string folder = Directory.CreateTempSubdirectory("unroll-serving-").FullName;
        string path = Path.Combine(folder, "model.safetensors");
        Requests.Model().Save(path);
        var options = new ServeOptions { Port = 0, Slots = int.Parse(slots), Queue = int.Parse(queue), MaxTokens = int.MaxValue, Grace = TimeSpan.FromSeconds(2) };
        await using (WebServer server = await WebServer.StartAsync(options, [new ServedModelFile(path)], failure => Console.Error.WriteLine(failure)))
        {
            Console.WriteLine(server.Address);
            await Console.In.ReadToEndAsync();
        }
        Directory.Delete(folder, recursive: true);
        return true;
    }

    /// <summary>Stops it, and waits until it has.</summary>
    public async Task<int> StopAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await StopAsync();
        process.Dispose();
    }
}

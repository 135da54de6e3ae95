using Unroll.Cli.Output;
using Unroll.Web;

namespace Unroll.Cli.Training;

/// <summary>Shows a run on a page while it lasts.</summary>
internal sealed class WatchedRun : IDisposable
{
    private readonly WebServer server;

    private WatchedRun(WebServer server) => this.server = server;

    /// <summary>Starts the page's server, and says where it is; where its usual port is taken, at another.</summary>
    /// <param name="log">The run's log.</param>
    /// <param name="terminal">Where to say it.</param>
    public static WatchedRun Start(string log, Terminal terminal)
    {
        var options = new ServeOptions { Grace = TimeSpan.Zero };
        var runs = new ServedRuns { Logs = [Path.GetFullPath(log)] };
        WebServer server;
        try
        {
            server = Listen(options, runs);
        }
        catch (UnrollException)
        {
            server = Listen(options with { Port = 0 }, runs);
        }
        terminal.Note($"watch it at {server.Address}runs");
        return new WatchedRun(server);
    }

    /// <inheritdoc/>
    public void Dispose() => server.StopAsync().GetAwaiter().GetResult();

    private static WebServer Listen(ServeOptions options, ServedRuns runs) => WebServer.StartAsync(options, [], runs: runs).GetAwaiter().GetResult();
}

using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web.Pages;

/// <summary>A server of pages on a port of its own, with a folder of its own for runs.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private static readonly string[] Names = ["one", "two"];
    private readonly TemporaryFolder folder = new();
    private WebServer server = null!;

    public Uri Address => server.Address;

    public string Folder => folder.Path;

    /// <summary>What has gone wrong inside.</summary>
    public List<Exception> Failures { get; } = [];

    public static async Task<PageServer> StartAsync(params LanguageModel[] models)
    {
        var pages = new PageServer();
        ServedModelFile[] files = [.. models.Select((model, i) => new ServedModelFile(pages.folder[$"{Names[i]}.safetensors"]))];
        foreach ((LanguageModel model, ServedModelFile file) in models.Zip(files))
            model.Save(file.Path);
        var options = new ServeOptions { Port = 0, Threads = 1 };
        pages.server = await WebServer.StartAsync(options, files, pages.Failures.Add, new ServedRuns { Folder = pages.folder.Path }, TestContext.Current.CancellationToken);
        return pages;
    }

    public Task StopAsync() => server.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Dispose();
    }
}

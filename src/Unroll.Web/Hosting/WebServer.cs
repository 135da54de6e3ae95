// The server: built, started, stopped. It takes nothing from the surroundings, neither files of settings nor variables, so what it
// does is what its options say.
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Unroll.Web.Api;
using Unroll.Web.Hosting;
using Unroll.Web.Metrics;
using Unroll.Web.Models;
using Unroll.Web.Pages;
using Unroll.Web.Runs;
using Unroll.Web.Safety;
using Unroll.Web.Sessions;

namespace Unroll.Web;

/// <summary>Serves models over HTTP, in OpenAI's manner: any number of clients at once, each text to the bit what it is alone.</summary>
public sealed class WebServer : IAsyncDisposable
{
    // How long connections may take to close, once their texts have ended.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly ServeOptions options;
    private readonly ServedModels models;
    private readonly RunShelf runs;
    private readonly SessionShelf sessions;
    private readonly ServingMeter meter;
    private readonly PrometheusText figures;
    private readonly TimeProvider clock;
    private readonly Door door;
    private readonly Guard guard;
    private readonly WebApplication application;
    private readonly Lazy<Task> stopped;

    private WebServer(ServeOptions options, ServedModels models, SessionShelf sessions, ServedRuns shown, Action<Exception>? onFailure, TimeProvider clock)
    {
        (this.options, this.models, this.sessions, this.clock, door) = (options, models, sessions, clock, new Door());
        meter = new ServingMeter(models, sessions);
        figures = new PrometheusText(meter.Meter);
        runs = new RunShelf(shown.Folder, shown.Logs, options.Threads);
        guard = new Guard(options, door, onFailure);
        application = Build();
        stopped = new Lazy<Task>(Stop);
    }

    /// <summary>Where programs on this machine reach it.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>What clients call its models.</summary>
    public IReadOnlyList<string> Models => [.. models.All.Select(model => model.Id)];

    /// <summary>The models.</summary>
    internal ServedModels Shelf => models;

    /// <summary>Loads models and serves them.</summary>
    /// <param name="options">How; null = the defaults.</param>
    /// <param name="files">The models.</param>
    /// <param name="onFailure">Told what goes wrong inside, on any thread; clients are told only that something did.</param>
    /// <param name="runs">The runs that the pages show; null = none.</param>
    /// <param name="cancellationToken">Breaks off the start.</param>
    /// <returns>The server, which listens.</returns>
    /// <exception cref="UnrollException">The options make no sense, a model cannot be loaded, or the address cannot be had.</exception>
    public static Task<WebServer> StartAsync(
        ServeOptions? options, IReadOnlyList<ServedModelFile> files, Action<Exception>? onFailure = null, ServedRuns? runs = null, CancellationToken cancellationToken = default) =>
        StartAsync(options, files, onFailure, runs, TimeProvider.System, cancellationToken);

    /// <summary>The same by another clock.</summary>
    internal static async Task<WebServer> StartAsync(
        ServeOptions? options, IReadOnlyList<ServedModelFile> files, Action<Exception>? onFailure, ServedRuns? runs, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        options ??= new ServeOptions();
        options.Validate();
        ListenAddress address = ListenAddress.Of(options);
        ServedModels models = ServedModels.Load(files, options);
        var server = new WebServer(options, models, TakeUp(options, models, clock), runs ?? new ServedRuns(), onFailure, clock);
        try
        {
            await server.application.StartAsync(cancellationToken);
            server.Address = address.Seen(server.application.Urls.Single());
            return server;
        }
        catch (Exception exception)
        {
            await server.DisposeAsync();
            if (exception is IOException or SocketException)
                throw address.NotToBeHad(exception);
            throw;
        }
    }

    /// <summary>Stops: nobody is let in any more, texts under way may come to their end within <see cref="ServeOptions.Grace"/>, and
    /// those that do not are cut there, with everything that such an answer has at its end.</summary>
    public Task StopAsync() => stopped.Value;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private static SessionShelf TakeUp(ServeOptions options, ServedModels models, TimeProvider clock)
    {
        try
        {
            return new SessionShelf(options, models, clock);
        }
        catch
        {
            models.Dispose();
            throw;
        }
    }

    private async Task Stop()
    {
        Task left = door.CloseAsync();
        await left.WaitAsync(options.Grace).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Run(runs.Dispose); // they save what they have
        models.Dispose(); // texts that are left end here, and their answers
        await left.WaitAsync(Farewell).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await sessions.WhenIdleAsync();
        using (var source = new CancellationTokenSource(Farewell))
            await application.StopAsync(source.Token);
        await application.DisposeAsync();
        guard.Dispose();
        figures.Dispose();
        meter.Dispose();
        sessions.Dispose();
    }

    private WebApplication Build()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(WebServer).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Production,
        });
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.Services.AddRouting();
        builder.Services.AddSingleton(models);
        builder.Services.AddSingleton(runs);
        PageEndpoints.AddServices(builder.Services);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Listen);
        WebApplication built = builder.Build();
        built.Use(guard.Invoke);
        built.Use(PageEndpoints.SayWhereNothingIs);
        built.UseRouting();
        built.UseAntiforgery();
        ApiEndpoints.Map(built, models, sessions, figures, options, clock);
        PageEndpoints.Map(built);
        return built;
    }

    private void Listen(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBody;
        kestrel.Listen(ListenAddress.Of(options).Where, listen => listen.Protocols = HttpProtocols.Http1);
    }
}

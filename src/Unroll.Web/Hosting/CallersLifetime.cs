using Microsoft.Extensions.Hosting;

namespace Unroll.Web.Hosting;

/// <summary>The server lives as long as whoever has started it wants: signals are none of its business.</summary>
internal sealed class CallersLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

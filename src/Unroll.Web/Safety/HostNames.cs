// A page of a foreign site can make a browser ask this machine: by a name of its own that suddenly points here (DNS rebinding), or
// from where it is. The one asks for the wrong host, the other names its origin.
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Unroll.Web.Safety;

/// <summary>The names under which the server may be asked.</summary>
internal sealed class HostNames
{
    private readonly HashSet<string> names = new(["localhost", "127.0.0.1", "[::1]"], StringComparer.OrdinalIgnoreCase);
    private readonly bool isEverywhere;

    /// <param name="options">How the server is set up.</param>
    public HostNames(ServeOptions options)
    {
        names.UnionWith(options.Hosts);
        if (!IPAddress.TryParse(options.Address, out IPAddress? address))
            return;
        isEverywhere = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        names.Add(new HostString($"{address}", 1).Host);
        First = isEverywhere ? First : $"{address}";
    }

    /// <summary>The one to name to people.</summary>
    public string First { get; } = "localhost";

    /// <summary>Whether a request for this host is one for this server. Who listens at all addresses may be asked for by any number, as
    /// no foreign site has power over these.</summary>
    public bool Allow(HostString host) => names.Contains(host.Host) || isEverywhere && IPAddress.TryParse(host.Host, out _);

    /// <summary>Whether no page of another site asks.</summary>
    public static bool IsSameOrigin(HttpRequest request)
    {
        string? origin = request.Headers.Origin;
        return string.IsNullOrEmpty(origin)
            || Uri.TryCreate(origin, UriKind.Absolute, out Uri? site) && site.Scheme is "http" or "https" && new HostString(site.Authority).Equals(request.Host);
    }
}

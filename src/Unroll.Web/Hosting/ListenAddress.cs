using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Unroll.Web.Hosting;

/// <summary>Where the server listens.</summary>
/// <param name="Where">Address and port.</param>
internal sealed record ListenAddress(IPEndPoint Where)
{
    /// <summary>The one that options ask for.</summary>
    /// <exception cref="OptionsException">There is no such address, or it is open to other machines and nobody has said that it may be.</exception>
    public static ListenAddress Of(ServeOptions options)
    {
        IPAddress? address = options.Address == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(options.Address, out IPAddress? parsed) ? parsed : null;
        OptionsException.Require(address is not null, nameof(options.Address), $"must be localhost or an address such as 127.0.0.1 or 0.0.0.0, not '{options.Address}'.");
        if (!IPAddress.IsLoopback(address!) && options.ApiKey is null && !options.Insecure)
            throw new OptionsException($"{new PropertyName(nameof(options.Address))} {options.Address} can be reached by other machines: give {new PropertyName(nameof(options.ApiKey))}, or {new PropertyName(nameof(options.Insecure))} if anybody may ask.");
        return new ListenAddress(new IPEndPoint(address!, options.Port));
    }

    /// <summary>Where programs on this machine reach it.</summary>
    /// <param name="listening">What the server says, which knows the port.</param>
    public Uri Seen(string listening)
    {
        IPAddress address = Where.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : Where.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : Where.Address;
        return new Uri($"http://{new IPEndPoint(address, new Uri(listening).Port)}/");
    }

    /// <summary>Says that the address cannot be had.</summary>
    public UnrollException NotToBeHad(Exception reason) => reason is IOException { InnerException: AddressInUseException }
        ? new($"{new PropertyName(nameof(ServeOptions.Port))} {Where.Port} is taken by another program: stop it, or choose another port.", reason)
        : new($"{new PropertyName(nameof(ServeOptions.Address))} {Where} cannot be listened at ({reason.Message.TrimEnd('.')}): choose another one.", reason);
}

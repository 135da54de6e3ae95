using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Unroll.Web.Safety;

/// <summary>The key that opens the server. Comparing takes the same time whatever is sent, so nobody can find it out letter by letter.</summary>
/// <param name="secret">The key.</param>
internal sealed class BearerKey(string secret)
{
    private const string Scheme = "Bearer ";

    private readonly byte[] hash = Hash(secret);

    /// <summary>Whether a request has brought it along.</summary>
    public bool Opens(HttpRequest request)
    {
        string header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(hash, Hash(header[Scheme.Length..].Trim()));
    }

    // Hashes have one length, so that not even the key's shows.
    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Unroll.Web.Safety;

/// <summary>The key that opens the server. Comparing takes the same time whatever is sent, so nobody can find it out letter by letter.</summary>
/// <param name="secret">The key.</param>
internal sealed class BearerKey(string secret)
{
    private const string Scheme = "Bearer ", BrowserScheme = "Basic ";

    private readonly byte[] hash = Hash(secret);

    /// <summary>Whether a request has brought it along.</summary>
    public bool Opens(HttpRequest request)
    {
        string header = request.Headers.Authorization.ToString();
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return IsKey(header[Scheme.Length..].Trim());
        // A browser asks its user for a name and a password: the key is the password, whatever the name.
        return header.StartsWith(BrowserScheme, StringComparison.OrdinalIgnoreCase) && Password(header[BrowserScheme.Length..].Trim()) is { } password && IsKey(password);
    }

    private static string? Password(string credentials)
    {
        byte[] bytes = new byte[credentials.Length];
        if (!Convert.TryFromBase64String(credentials, bytes, out int length))
            return null;
        string pair = Encoding.UTF8.GetString(bytes.AsSpan(0, length));
        return pair.IndexOf(':', StringComparison.Ordinal) is int colon and >= 0 ? pair[(colon + 1)..] : null;
    }

    private bool IsKey(string key) => CryptographicOperations.FixedTimeEquals(hash, Hash(key));

    // Hashes have one length, so that not even the key's shows.
    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

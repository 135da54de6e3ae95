namespace Unroll.Data.Tokens;

/// <summary>Gives tokens their numbers while a text is read: see <see cref="NewTokens"/> and <see cref="KnownTokens"/>.</summary>
internal abstract class TokenTable
{
    /// <summary>The token's number; 0 says that it has none, and that the next occurrence is to be asked for again.</summary>
    public abstract int Find(ReadOnlySpan<char> token);
}

using System.Runtime.InteropServices;

namespace Unroll.Data.Tokens;

/// <summary>Numbers tokens from 1 in the order in which they are first seen.</summary>
internal sealed class NewTokens : TokenTable
{
    private readonly List<string> tokens = [];
    private readonly Dictionary<string, int> numbers = [];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;

    public NewTokens()
    {
        lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The tokens seen; number n is at n - 1.</summary>
    public IReadOnlyList<string> Tokens => tokens;

    /// <summary>Whether the token has been seen.</summary>
    public bool Contains(ReadOnlySpan<char> token) => lookup.ContainsKey(token);

    public override int Find(ReadOnlySpan<char> token)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(lookup, token, out bool seen);
        if (!seen)
        {
            tokens.Add(token.ToString());
            number = tokens.Count;
        }
        return number;
    }
}

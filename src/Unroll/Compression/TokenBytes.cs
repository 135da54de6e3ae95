using System.Text;
using Unroll.Data.Tokens;

namespace Unroll.Compression;

/// <summary>The bytes that a vocabulary's tokens stand for.</summary>
internal sealed class TokenBytes
{
    private readonly byte[][] bytes; // by id
    private readonly int[] single = new int[256]; // the token that is this byte alone; 0 = there is none

    /// <exception cref="UnrollException">The tokens alone do not tell a text.</exception>
    public TokenBytes(Vocabulary vocabulary)
    {
        Tokenization tokens = vocabulary.Tokenization;
        if (tokens.Joiner.Length > 0)
            throw new UnrollException("A model of the textbook's cleaned words cannot compress: what stands between words is lost. Train one of characters, bytes or byte pairs.");
        bytes = new byte[vocabulary.Count][];
        bytes[Vocabulary.UnknownId] = [];
        for (int id = 1; id < bytes.Length; id++)
        {
            bool standsForBytes = tokens.BytesOf(vocabulary[id]) is not null;
            bytes[id] = tokens.BytesOf(vocabulary[id]) ?? Encoding.UTF8.GetBytes(tokens.TextOf(vocabulary[id]));
            if (standsForBytes && bytes[id] is [var value] && single[value] == 0)
                single[value] = id;
        }
        (SayAll, SayReturns) = (!single.Contains(0), bytes.Any(token => token.Contains((byte)'\r')));
    }

    /// <summary>Whether there is a token for every byte, so that nothing is ever unknown.</summary>
    public bool SayAll { get; }

    /// <summary>Whether any token has a carriage return in it.</summary>
    public bool SayReturns { get; }

    /// <summary>A token's bytes; none of the unknown token and of one that ends a file.</summary>
    public ReadOnlySpan<byte> Of(int id) => bytes[id];

    /// <summary>The token that is one byte alone, where tokens are bytes; 0 = there is none.</summary>
    public int Single(byte value) => single[value];
}

// What a model thinks of a text: how much of a surprise each token was, summed up line by line.
using Unroll.Web.Models;

namespace Unroll.Web.Pages.Read;

/// <summary>A text that a model has read.</summary>
internal sealed class Reading
{
    /// <summary>The most characters that a page takes.</summary>
    public const int MostCharacters = 200_000;

    // A line without end is shown in pieces.
    private const int LongestLine = 2000;

    private Reading(IReadOnlyList<GeneratedToken> tokens)
    {
        Tokens = tokens;
        bits = [.. tokens.Select(token => float.IsNaN(token.LogProbability) ? 0 : -token.LogProbability / Math.Log(2))];
        Lines = [.. Divide()];
    }

    private readonly double[] bits;

    /// <summary>The tokens, with the likeliest in the place of each.</summary>
    public IReadOnlyList<GeneratedToken> Tokens { get; }

    /// <summary>Its lines.</summary>
    public IReadOnlyList<ReadLine> Lines { get; }

    /// <summary>How many of its tokens were predicted: all, but for a first one that nothing precedes.</summary>
    public int Predicted => Tokens.Count(token => !float.IsNaN(token.LogProbability));

    /// <summary>Its bits in all.</summary>
    public double Bits => bits.Sum();

    /// <summary>Bits per Unicode scalar value of what was predicted.</summary>
    public double BitsPerCharacter => Per(text => text.EnumerateRunes().Count());

    /// <summary>Bits per byte of UTF-8 of what was predicted.</summary>
    public double BitsPerByte => Per(System.Text.Encoding.UTF8.GetByteCount);

    /// <summary>How much of a surprise a token was.</summary>
    public double BitsOf(int token) => bits[token];

    /// <summary>Lets a model read a text.</summary>
    /// <exception cref="UnrollException">There is no room for another reader.</exception>
    public static async Task<Reading> ReadAsync(ServedModel model, string text, CancellationToken cancellationToken)
    {
        var request = new GenerationRequest { Prefix = text, ScorePrefix = true, Alternatives = 5, Options = new GenerationOptions { Length = 0 } };
        using GenerationStream stream = model.Generator.Start(request, cancellationToken);
        var tokens = new List<GeneratedToken>(stream.PrefixTokens);
        while (await stream.Tokens.WaitToReadAsync(cancellationToken))
            while (stream.Tokens.TryRead(out GeneratedToken token))
                tokens.Add(token);
        await stream.Outcome;
        return new Reading(tokens);
    }

    /// <summary>How many bits more each token took here than the same piece of text elsewhere. Tokens may differ: what begins within a token counts to it.</summary>
    public double[] Beyond(Reading other)
    {
        var difference = (double[])bits.Clone();
        int place = 0;
        for (int i = 0; i < Tokens.Count; i++)
            for (; place < other.Tokens.Count && (i + 1 == Tokens.Count || other.Tokens[place].Offset < Tokens[i + 1].Offset); place++)
                difference[i] -= other.bits[place];
        return difference;
    }

    private double Per(Func<string, int> size)
    {
        int sum = Tokens.Where(token => !float.IsNaN(token.LogProbability)).Sum(token => size(token.Text));
        return sum == 0 ? 0 : Bits / sum;
    }

    private IEnumerable<ReadLine> Divide()
    {
        int number = 1, first = 0;
        for (int i = 0; i < Tokens.Count; i++)
        {
            bool ends = Tokens[i].Text.Contains('\n', StringComparison.Ordinal);
            if (!ends && i + 1 < Tokens.Count && i + 1 - first < LongestLine)
                continue;
            yield return new ReadLine(number, first, i + 1 - first, bits.AsSpan(first..(i + 1)).ToArray().Sum());
            first = i + 1;
            number += ends ? 1 : 0;
        }
    }
}

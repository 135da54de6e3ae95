// Here the unknown token is the first; elsewhere it stands anywhere, or there is none.
using Unroll.Checkpoints;
using Unroll.Data.Tokens;
using Unroll.Options;

namespace Unroll.Import;

/// <summary>The tokens of a foreign vocabulary in the order that they have here.</summary>
internal sealed class TokenRows
{
    private static readonly string[] Unknown = [Vocabulary.UnknownToken, "<UNK>", "[UNK]"];

    /// <summary>Orders tokens.</summary>
    /// <param name="tokens">They, by their ids in the file.</param>
    /// <param name="options">What is known of them.</param>
    /// <param name="fixedFrom">Ids from which on order cannot be changed: N of an adaptive softmax; 0 = all may stand anywhere.</param>
    public TokenRows(string[] tokens, ImportOptions options, int fixedFrom)
    {
        if (tokens.Length == 0)
            throw new UnusableFileException("its vocabulary is empty");
        int unknown = Unknown.Select(name => Array.IndexOf(tokens, name)).FirstOrDefault(id => id >= 0, -1);
        HadUnknown = unknown >= 0;
        if (fixedFrom > 0 && (unknown < 0 || unknown >= fixedFrom))
            throw new UnusableFileException($"its adaptive softmax leaves the order of its tokens as it is, and {Vocabulary.UnknownToken} is not among the {fixedFrom} of the head");
        Rows = [unknown, .. Enumerable.Range(0, tokens.Length).Where(id => id != unknown)];
        string[] ordered = [Vocabulary.UnknownToken, .. Rows.Skip(1).Select(row => tokens[row])];
        var text = new TextOptions { Tokens = options.Tokens ?? Guess(ordered), Clean = options.Clean, Documents = options.Documents };
        try
        {
            Vocabulary = new Vocabulary(ordered, text);
        }
        catch (UnrollException e) when (e is not OptionsException)
        {
            throw new UnusableFileException(e.Message.TrimEnd('.'));
        }
    }

    /// <summary>The vocabulary.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>For each id the row of the file; −1 where the file has none.</summary>
    public int[] Rows { get; }

    /// <summary>Whether the file has a token for unknown ones.</summary>
    public bool HadUnknown { get; }

    private static TokenKind Guess(IReadOnlyList<string> tokens)
    {
        string[] plain = [.. tokens.Where(token => !IsMark(token))];
        if (plain.FirstOrDefault(token => token.Length > 1 && (token.StartsWith("##", StringComparison.Ordinal) || token[0] is '\u2581' or '\u0120')) is { } piece)
            throw new UnusableFileException($"its tokens are pieces of words, such as {Quoted.Text(piece)}, which are split by rules that a vocabulary does not hold");
        return Tokenization.KindOf(plain);
    }

    // Such as <pad>, <eos> or [CLS].
    private static bool IsMark(string token) => token.Length > 2 && (token[0], token[^1]) is ('<', '>') or ('[', ']');
}

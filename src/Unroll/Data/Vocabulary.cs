namespace Unroll.Data;

/// <summary>Tokens and their ids, both ways (d2l 8.2).</summary>
public sealed class Vocabulary
{
    /// <summary>The token that stands for every unknown one; its id is 0.</summary>
    public const string UnknownToken = "<unk>";

    /// <summary>The id of the unknown token.</summary>
    public const int UnknownId = 0;

    /// <summary>A vocabulary whose tokens are known, in id order (as a model file holds it).</summary>
    public Vocabulary(IReadOnlyList<string> tokens, TextOptions text) => throw new NotImplementedException();

    /// <summary>The number of tokens, V.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>The tokens in id order.</summary>
    public IReadOnlyList<string> Tokens => throw new NotImplementedException();

    /// <summary>How a text becomes these tokens.</summary>
    public TextOptions Text => throw new NotImplementedException();

    /// <summary>The token of an id.</summary>
    public string this[int id] => throw new NotImplementedException();

    /// <summary>The id of a token; an unknown token's is 0.</summary>
    public int this[string token] => throw new NotImplementedException();

    /// <summary>Counts tokens and orders them: the unknown token, the reserved ones, then by falling count, ties in first-seen order.</summary>
    public static Vocabulary Build(IEnumerable<string> tokens, TextOptions? text = null, IEnumerable<string>? reserved = null) => throw new NotImplementedException();

    /// <summary>The ids of a piece of text. Cleaned as the vocabulary's text was, except that ends are not trimmed.</summary>
    public int[] Encode(string text) => throw new NotImplementedException();

    /// <summary>The text of ids.</summary>
    public string Decode(IEnumerable<int> ids) => throw new NotImplementedException();
}

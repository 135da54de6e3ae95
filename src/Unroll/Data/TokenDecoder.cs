namespace Unroll.Data;

/// <summary>Turns ids into text as they come, never handing out half a character (byte tokens may need several).</summary>
public sealed class TokenDecoder(Vocabulary vocabulary)
{
    /// <summary>The text that this id completes; empty while a character is incomplete.</summary>
    public string Append(int id) => throw new NotImplementedException(vocabulary.ToString());

    /// <summary>What is left at the end: the replacement character for an incomplete one, otherwise nothing.</summary>
    public string Flush() => throw new NotImplementedException(vocabulary.ToString());
}

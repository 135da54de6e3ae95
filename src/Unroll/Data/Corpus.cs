namespace Unroll.Data;

/// <summary>A text as ids: a training part, perhaps a validation part, and the vocabulary.</summary>
public sealed class Corpus
{
    /// <summary>The tokens and their ids.</summary>
    public Vocabulary Vocabulary => throw new NotImplementedException();

    /// <summary>The ids to train on.</summary>
    public TokenIds Training => throw new NotImplementedException();

    /// <summary>The ids kept back for validation, or null.</summary>
    public TokenIds? Validation => throw new NotImplementedException();

    /// <summary>The characters (Unicode scalar values, after cleaning) in the validation part; for bits per character.</summary>
    public long ValidationCharacters => throw new NotImplementedException();

    /// <summary>Characters in the whole text, after cleaning.</summary>
    public long Characters => throw new NotImplementedException();

    /// <summary>How often each id occurs in the whole text, in id order.</summary>
    public IReadOnlyList<long> Counts => throw new NotImplementedException();

    /// <summary>A short name for messages.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>SHA-256 of the ids (training and validation) and the vocabulary, in hexadecimal: a resumed run checks that it reads the same text.</summary>
    public string Fingerprint => throw new NotImplementedException();

    /// <summary>Reads a file or a folder.</summary>
    public static Corpus Load(string path, TextOptions? options = null) => throw new NotImplementedException();

    /// <summary>Reads a text.</summary>
    /// <param name="source">The text.</param>
    /// <param name="options">How it becomes tokens.</param>
    /// <param name="validation">A text of its own for validation, instead of the last part.</param>
    /// <param name="vocabulary">A vocabulary to use as it is, instead of building one.</param>
    public static Corpus Load(TextSource source, TextOptions? options = null, TextSource? validation = null, Vocabulary? vocabulary = null) => throw new NotImplementedException();
}

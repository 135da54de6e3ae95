namespace Unroll.Data;

/// <summary>Where text comes from: strings, files, folders, streams. Read in pieces of whole characters.</summary>
public sealed class TextSource
{
    /// <summary>A short name for messages: a file's name, "standard input", "the built-in story".</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>The original story about a time traveller that comes with Unroll.</summary>
    public static TextSource Story => throw new NotImplementedException();

    /// <summary>A text already in memory.</summary>
    public static TextSource FromString(string text, string name = "the text") => throw new NotImplementedException();

    /// <summary>Files and folders (their .txt and .md files at any depth, sorted by path), one after another.</summary>
    /// <exception cref="UnrollException">One is missing, or there is nothing to read.</exception>
    public static TextSource FromPaths(IEnumerable<string> paths) => throw new NotImplementedException();

    /// <summary>A stream of UTF-8; it can be read once only.</summary>
    public static TextSource FromStream(Stream stream, string name) => throw new NotImplementedException();

    /// <summary>The text in pieces that never split a character or a CRLF; byte order marks dropped, CRLF read as LF.</summary>
    /// <exception cref="UnrollException">The text is not valid UTF-8 (the message gives the byte offset) or cannot be read.</exception>
    public IEnumerable<ReadOnlyMemory<char>> Read() => throw new NotImplementedException();
}

// Where text comes from. A source hands out characters and nothing else: it knows no tokens, and keeps no file in memory.
using System.Text;
using Unroll.Data.Sources;

namespace Unroll;

/// <summary>Where text comes from: strings, files, folders, streams. Read in pieces of whole characters.</summary>
public sealed class TextSource
{
    private readonly Func<IEnumerable<ReadOnlyMemory<char>>> read;
    private readonly bool readsOnce;

    private TextSource(string name, Func<IEnumerable<ReadOnlyMemory<char>>> read, IReadOnlyList<string>? files = null, bool readsOnce = false)
    {
        (Name, this.read, Files, this.readsOnce) = (name, read, files, readsOnce);
    }

    /// <summary>A short name for messages: a file's name, "standard input", "the built-in story".</summary>
    public string Name { get; }

    /// <summary>The files that the text is made of, where it is made of files.</summary>
    internal IReadOnlyList<string>? Files { get; }

    /// <summary>The original story about a time traveller that comes with Unroll.</summary>
    public static TextSource Story { get; } = new("the built-in story", ReadStory);

    /// <summary>A text already in memory. It gives the same characters as a file that holds it; whatever is not Unicode text (half a
    /// surrogate pair) becomes U+FFFD.</summary>
    public static TextSource FromString(string text, string name = "the text")
    {
        ArgumentNullException.ThrowIfNull(text);
        string whole = WholeCharacters(text).Replace("\r\n", "\n", StringComparison.Ordinal);
        return new TextSource(name, () => ReadString(whole, whole.StartsWith('\uFEFF') ? 1 : 0));
    }

    /// <summary>Files and folders, one after another with nothing put between them. Of a folder, its .txt and .md files at any
    /// depth, sorted by path; hidden files and folders, and links to folders, are skipped.</summary>
    /// <exception cref="UnrollException">One is missing, or there is nothing to read.</exception>
    public static TextSource FromPaths(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        string[] given = [.. paths];
        if (given.Length == 0)
            throw new UnrollException("There is no text to read: name a file or a folder.");
        string[] files = [.. given.SelectMany(TextFiles.Find)];
        string first = Path.GetFileName(Path.TrimEndingDirectorySeparator(given[0]));
        string name = first.Length == 0 ? given[0] : first;
        return new TextSource(given.Length == 1 ? name : $"{name} and {given.Length - 1} more", () => files.SelectMany(file => TextFiles.Read(file).Append(default)), files);
    }

    /// <summary>A stream of UTF-8; it can be read only once, and is left open.</summary>
    public static TextSource FromStream(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        bool used = false;
        return new TextSource(name, () =>
        {
            if (used)
                throw new UnrollException($"{name} can be read only once, and has been read already: save the text in a file, and read that.");
            used = true;
            return Utf8Text.Read(stream, name);
        }, readsOnce: true);
    }

    /// <summary>The text in pieces that never split a character or a CRLF; byte order marks dropped, CRLF read as LF. Where a file
    /// ends stands an empty piece.</summary>
    /// <exception cref="UnrollException">The text is not valid UTF-8 (the message gives the byte offset) or cannot be read.</exception>
    public IEnumerable<ReadOnlyMemory<char>> Read() => read();

    /// <summary>Reads the text's beginning ahead.</summary>
    /// <param name="bytes">How much of it, in bytes of UTF-8; a piece more at most.</param>
    /// <param name="start">The beginning, in pieces as <see cref="Read"/> gives them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The same text, to be read from its beginning, even where this one can be read only once.</returns>
    /// <exception cref="UnrollException">As above.</exception>
    internal TextSource ReadStart(long bytes, out IReadOnlyList<ReadOnlyMemory<char>> start, CancellationToken cancellationToken)
    {
        var pieces = new List<ReadOnlyMemory<char>>();
        IEnumerator<ReadOnlyMemory<char>> reading = Read().GetEnumerator();
        start = pieces;
        while (bytes > 0 && reading.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            pieces.Add(reading.Current);
            bytes -= Encoding.UTF8.GetByteCount(reading.Current.Span);
        }
        if (readsOnce)
            return new TextSource(Name, () => ReadOn(pieces, reading), Files, readsOnce);
        reading.Dispose();
        return this;
    }

    private static IEnumerable<ReadOnlyMemory<char>> ReadOn(List<ReadOnlyMemory<char>> start, IEnumerator<ReadOnlyMemory<char>> rest)
    {
        using (rest)
        {
            foreach (ReadOnlyMemory<char> piece in start)
                yield return piece;
            start.Clear();
            while (rest.MoveNext())
                yield return rest.Current;
        }
    }

    private static IEnumerable<ReadOnlyMemory<char>> ReadString(string text, int start)
    {
        while (start < text.Length)
        {
            int length = Math.Min(Utf8Text.PieceLength, text.Length - start);
            if (start + length < text.Length && char.IsHighSurrogate(text[start + length - 1]))
                length--;
            yield return text.AsMemory(start, length);
            start += length;
        }
    }

    private static IEnumerable<ReadOnlyMemory<char>> ReadStory()
    {
        using Stream story = typeof(TextSource).Assembly.GetManifestResourceStream("Story.txt")!;
        foreach (ReadOnlyMemory<char> piece in Utf8Text.Read(story, "the built-in story"))
            yield return piece;
    }

    private static string WholeCharacters(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return text;
        var whole = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            whole.Append(rune);
        return whole.ToString();
    }
}

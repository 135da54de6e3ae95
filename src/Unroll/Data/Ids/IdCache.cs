// Where a text's ids are kept while it is learnt from. Short texts stay in memory and leave no trace. Long files are read
// once into a file of the user's cache folder, under a name made of their content, where every later run finds them; it is
// written under another name, and gets its own when it is whole. Long texts from elsewhere (standard input) fill a file
// that has no name and ends with the process.
using System.Globalization;
using Unroll.Data.Sources;
using Unroll.Data.Tokens;
using Unroll.Files;

namespace Unroll.Data.Ids;

/// <summary>Reads texts into ids, or finds what was kept of them.</summary>
/// <param name="Folder">Where cache files lie, or null where the user has no such folder.</param>
internal sealed record IdCache(string? Folder)
{
    private const string Ending = ".ids";

    /// <summary>This user's.</summary>
    public static IdCache Ours => new(DatasetFolders.Ours.Cache is { } folder ? Path.Combine(folder, "ids") : null);

    /// <summary>Texts of so many bytes are long: less is read within a second, and is held without noticing.</summary>
    public long LongText { get; init; } = 64 << 20;

    /// <summary>Files are read and hashed in chunks of so many bytes.</summary>
    public int ChunkLength { get; init; } = 1 << 20;

    /// <summary>Threads that split a long text; more would wait for the one that writes.</summary>
    public int Threads { get; init; } = Math.Min(Environment.ProcessorCount, 4);

    /// <summary>A text as numbers: read, or kept by an earlier run.</summary>
    /// <exception cref="UnrollException">The text is not valid UTF-8 or cannot be read, or its numbers cannot be kept.</exception>
    public NumberedText Read(TextSource source, TextOptions options, IProgress<(long Read, long? Total)>? progress, CancellationToken cancellationToken)
    {
        if (IsLong(source, out IReadOnlyList<string> files))
            return ReadLong(source.Name, files, options, progress, cancellationToken);
        return Keeping(source.Name, () => NumberedText.Read(source, options, Writer(source.Name), progress, cancellationToken));
    }

    /// <summary>A text's tokens and their counts; nothing else of it is kept.</summary>
    /// <exception cref="UnrollException">The text is not valid UTF-8 or cannot be read.</exception>
    public NumberedText Count(TextSource source, TextOptions options, IProgress<(long Read, long? Total)>? progress, CancellationToken cancellationToken) =>
        IsLong(source, out IReadOnlyList<string> files)
            ? new TextBlocks(files, options, ChunkLength, Threads).Read(writer: null, content: null, progress, cancellationToken)
            : NumberedText.Read(source, options, writer: null, progress, cancellationToken);

    /// <summary>A text as a vocabulary's ids, and its characters.</summary>
    public (IdSegments Ids, long Characters) ReadValidation(
        TextSource source, Vocabulary vocabulary, IProgress<(long Read, long? Total)>? progress, CancellationToken cancellationToken)
    {
        using var reader = new TokenReader(source, vocabulary);
        IdWriter writer = Writer(source.Name);
        int[] chunk = new int[4096];
        IdSegments ids = Keeping(source.Name, () =>
        {
            for (int count = reader.Read(chunk); count > 0; count = reader.Read(chunk))
            {
                cancellationToken.ThrowIfCancellationRequested();
                writer.Append(chunk.AsSpan(0, count));
                progress?.Report((reader.Bytes, null));
            }
            return writer.Finish();
        });
        if (ids.Length < 2)
            throw new UnrollException($"{source.Name} is too short to validate on: it has {ids.Length} of the 2 tokens that one prediction needs.");
        return (ids, reader.Characters);
    }

    /// <summary>The cache files, by path, each with its text's name; null where it is damaged or another version's.</summary>
    public IReadOnlyList<(string Path, long Bytes, string? Name)> List() => Folder is null || !Directory.Exists(Folder)
        ? []
        : [.. Directory.EnumerateFiles(Folder, "*" + Ending).Order(StringComparer.Ordinal).Select(path => (path, new FileInfo(path).Length, NameIn(path)))];

    /// <summary>Removes all cache files, and what killed runs left.</summary>
    /// <returns>How many bytes are free now.</returns>
    public long Clear()
    {
        long freed = 0;
        foreach ((string path, long bytes, _) in List())
        {
            File.Delete(path);
            freed += bytes;
        }
        return freed + TemporaryFile.RemoveLeftovers(Folder);
    }

    private bool IsLong(TextSource source, out IReadOnlyList<string> files)
    {
        files = source.Files ?? [];
        return TextFiles.Length(files) >= LongText;
    }

    private NumberedText ReadLong(
        string name, IReadOnlyList<string> files, TextOptions options, IProgress<(long Read, long? Total)>? progress, CancellationToken cancellationToken)
    {
        string folder = FolderFor(name);
        string tokens = options.Tokens.ToString().ToLowerInvariant() + "s" + (options.Clean == Cleaning.None ? "" : "-cleaned");
        string stem = $"{tokens}-{TextFiles.Length(files)}-";
        // A new platform may know more letters, and so split other words.
        string kind = string.Create(CultureInfo.InvariantCulture, $"{tokens}, version {IdCacheFile.Version}, .NET {Environment.Version.Major}");
        string? notice = null;
        // Where no text of this length was ever kept, its key need not be known before it is read.
        if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, stem + "*" + Ending).Any())
        {
            byte[] key = ContentHash.Compute(files, kind, ChunkLength, Threads, progress, cancellationToken);
            string path = PathOf(folder, stem, key);
            if (File.Exists(path))
            {
                if (Find(path, key, cancellationToken) is { } kept)
                    return kept;
                notice = $"The ids of {name} in {path} were damaged; they have been made anew.";
            }
        }
        return Keeping(name, () => Build(folder, kind, stem, name, files, options, progress, cancellationToken)) with { Notice = notice };
    }

    private NumberedText? Find(string path, byte[] key, CancellationToken cancellationToken)
    {
        try
        {
            if (IdCacheFile.Open(path, key)?.Text is not { } text)
                return null;
            bool whole = true;
            ParallelChunks.Run(text.Numbers.Segments.Count, Threads, IdSegment.Length * sizeof(int), (i, buffer) =>
            {
                if (whole && !text.Numbers.IsWhole(i, buffer))
                    whole = false;
            }, cancellationToken);
            if (whole)
                return text;
            text.Numbers.File!.Dispose();
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or UnrollException)
        {
            return null;
        }
    }

    private NumberedText Build(
        string folder, string kind, string stem, string name, IReadOnlyList<string> files, TextOptions options,
        IProgress<(long Read, long? Total)>? progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        using var temporary = new TemporaryFile(folder);
        var writer = new IdWriter(temporary.Handle, temporary.Path, IdCacheFile.HeadLength);
        using var content = new ContentHash(kind);
        NumberedText text = new TextBlocks(files, options, ChunkLength, Threads).Read(writer, content, progress, cancellationToken);
        if (text.Seen.Count == 0)
            return text; // which is an error, and nothing to keep
        byte[] key = content.Finish();
        IdCacheFile.Complete(temporary.Handle, key, name, text);
        string path = PathOf(folder, stem, key);
        temporary.MoveTo(path);
        return IdCacheFile.Open(path, key)?.Text ?? throw new IOException($"{path} is not what has just been written.");
    }

    private IdWriter Writer(string name) => new(LongText, () =>
    {
        string folder = FolderFor(name);
        Directory.CreateDirectory(folder);
        return TemporaryFile.Nameless(folder);
    });

    private string FolderFor(string name) => Folder ?? throw new UnrollException(
        $"{name} is too long to be held in memory, and there is no folder to keep its ids in: set the environment variable XDG_CACHE_HOME to one.");

    private T Keeping<T>(string name, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UnrollException($"The ids of {name} cannot be kept in \"{Folder}\" ({TemporaryFile.Reason(exception)}): "
                + "make room there, or set the environment variable XDG_CACHE_HOME to another folder.", exception);
        }
    }

    private static string PathOf(string folder, string stem, byte[] key) => Path.Combine(folder, stem + Convert.ToHexStringLower(key.AsSpan(0, 8)) + Ending);

    private static string? NameIn(string path)
    {
        try
        {
            if (IdCacheFile.Open(path, key: null) is not { } read)
                return null;
            read.Text.Numbers.File!.Dispose();
            return read.Name;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or UnrollException)
        {
            return null;
        }
    }
}

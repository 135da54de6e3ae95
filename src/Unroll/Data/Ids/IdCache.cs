// Where a text's numbers are kept while it is learnt from. Short texts stay in memory and leave no trace. Long files are
// read once into a file in the user's cache folder, under a name made of their content, where every later run finds them;
// it is written under another name, and gets its own when it is whole. Long texts from elsewhere (standard input) fill a
// file that has no name and ends with the process. Listing and removing such files is IdCacheFolder's job.
using System.Globalization;
using Unroll.Data.Sources;
using Unroll.Data.Tokens;
using Unroll.Files;

namespace Unroll.Data.Ids;

/// <summary>Reads texts into numbers, or finds what was kept of them.</summary>
/// <param name="Folder">Where cache files are kept, or null where the user has no such folder.</param>
internal sealed record IdCache(string? Folder)
{
    /// <summary>This user's.</summary>
    public static IdCache Ours => new(IdCacheFolder.Ours.Path);

    /// <summary>Texts of at least so many bytes are long; shorter ones are read within a second, and memory has room for them.</summary>
    public long LongText { get; init; } = 64 << 20;

    /// <summary>Files are read and hashed in chunks of so many bytes.</summary>
    public int ChunkLength { get; init; } = 1 << 20;

    /// <summary>Threads that split a long text; more would wait for the one that writes.</summary>
    public int Threads { get; init; } = Math.Min(Environment.ProcessorCount, 4);

    /// <summary>A text as numbers: read, or kept by an earlier run.</summary>
    /// <exception cref="UnrollException">The text is not valid UTF-8 or cannot be read, or its numbers cannot be kept.</exception>
    public NumberedText Read(TextSource source, Tokenization tokens, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        if (IsLong(source, out IReadOnlyList<string> files))
            return ReadLong(source.Name, files, tokens, progress, cancellationToken);
        using IdWriter writer = Writer(source.Name);
        return Keeping(source.Name, () => NumberedText.Read(source, tokens, writer, progress, cancellationToken));
    }

    /// <summary>A text's tokens and their counts; nothing else of it is kept.</summary>
    /// <exception cref="UnrollException">The text is not valid UTF-8 or cannot be read.</exception>
    public NumberedText Count(TextSource source, Tokenization tokens, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken) =>
        IsLong(source, out IReadOnlyList<string> files)
            ? new TextBlocks(files, tokens, ChunkLength, Threads).Read(writer: null, content: null, progress, cancellationToken)
            : NumberedText.Read(source, tokens, writer: null, progress, cancellationToken);

    /// <summary>The same text with its numbers written anew; what they were in is closed.</summary>
    public NumberedText Rewrite(string name, NumberedText text, Action<NumberedText, IdWriter> write)
    {
        using IdWriter writer = Writer(name);
        IdSegments numbers = Keeping(name, () =>
        {
            write(text, writer);
            return writer.Finish();
        });
        text.Dispose();
        return text with { Numbers = numbers };
    }

    /// <summary>A text as a vocabulary's ids, its characters and its bytes.</summary>
    public (IdSegments Ids, long Characters, long Bytes) ReadValidation(
        TextSource source, Vocabulary vocabulary, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        using var reader = new TokenReader(source, vocabulary);
        using IdWriter writer = Writer(source.Name);
        int[] chunk = new int[4096];
        IdSegments ids = Keeping(source.Name, () =>
        {
            for (int count = reader.Read(chunk); count > 0; count = reader.Read(chunk))
            {
                cancellationToken.ThrowIfCancellationRequested();
                writer.Append(chunk.AsSpan(0, count));
                progress?.Report(new ReadingProgress(reader.Bytes, Total: null));
            }
            return writer.Finish();
        });
        if (ids.Length >= 2)
            return (ids, reader.Characters, reader.Bytes);
        ids.Dispose();
        throw new UnrollException($"{source.Name} is too short to validate on: a single prediction needs 2 tokens, and it has {ids.Length}. Give a longer text.");
    }

    private bool IsLong(TextSource source, out IReadOnlyList<string> files)
    {
        files = source.Files ?? [];
        return TextFiles.Length(files) >= LongText;
    }

    private NumberedText ReadLong(
        string name, IReadOnlyList<string> files, Tokenization tokens, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        string folder = FolderFor(name);
        string called = tokens.CacheName;
        string stem = $"{called}-{TextFiles.Length(files)}-";
        // A new platform may know more letters, and so split other words.
        string kind = string.Create(CultureInfo.InvariantCulture, $"{called}, version {IdCacheFile.Version}, .NET {Environment.Version.Major}");
        string? notice = null;
        // Where no text of this length was ever kept, its key need not be known before it is read.
        if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, stem + "*" + IdCacheFile.Ending).Any())
        {
            byte[] key = ContentHash.Compute(files, kind, ChunkLength, Threads, progress, cancellationToken);
            string path = PathOf(folder, stem, key);
            if (File.Exists(path))
            {
                if (Find(path, key, cancellationToken) is { } kept)
                    return kept;
                notice = $"The ids of {name} in {path} were damaged and have been rebuilt.";
            }
        }
        return Keeping(name, () => Build(folder, kind, stem, name, files, tokens, progress, cancellationToken)) with { Notice = notice };
    }

    private NumberedText? Find(string path, byte[] key, CancellationToken cancellationToken)
    {
        NumberedText? text = null;
        bool whole = false;
        try
        {
            text = IdCacheFile.Open(path, key)?.Text;
            if (text is null)
                return null;
            bool all = true;
            ParallelChunks.Run(
                text.Numbers.Segments.Count, Threads, IdSegment.Length * sizeof(int),
                (i, buffer) => all && text.Numbers.IsWhole(i, text.Seen.Count, buffer),
                (_, right) => all &= right, cancellationToken);
            whole = all;
            return whole ? text : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or UnrollException)
        {
            return null;
        }
        finally
        {
            if (!whole)
                text?.Dispose();
        }
    }

    private NumberedText Build(
        string folder, string kind, string stem, string name, IReadOnlyList<string> files, Tokenization tokens,
        IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        using var temporary = new TemporaryFile(folder);
        using var writer = new IdWriter(temporary.Handle, temporary.Path, IdCacheFile.HeadLength);
        using var content = new ContentHash(kind);
        NumberedText text = new TextBlocks(files, tokens, ChunkLength, Threads).Read(writer, content, progress, cancellationToken);
        if (text.Seen.Count == 0)
            return text; // which is an error, and nothing to keep
        byte[] key = content.Finish();
        IdCacheFile.Complete(temporary.Handle, key, name, text);
        string path = PathOf(folder, stem, key);
        temporary.MoveTo(path);
        return IdCacheFile.Open(path, key)?.Text ?? throw new IOException($"{path} is not what has just been written");
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

    private static string PathOf(string folder, string stem, byte[] key) => Path.Combine(folder, stem + Convert.ToHexStringLower(key.AsSpan(0, 8)) + IdCacheFile.Ending);
}

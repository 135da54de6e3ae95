using Unroll.Cli.Output;
using Unroll.Data.Sources;

namespace Unroll.Cli.Arguments;

/// <summary>Turns the words that name texts into a text: files, folders, <c>-</c> for standard input, named datasets.</summary>
internal static class TextArguments
{
    /// <summary>What can be named, for help pages.</summary>
    public const string Description = "files, folders (their .txt and .md files), datasets (see unroll data), or - for standard input";

    /// <summary>Opens the texts as one, fetching datasets that are not there yet.</summary>
    /// <exception cref="UnrollException">One cannot be had.</exception>
    public static TextSource Open(IReadOnlyList<string> words, Session session)
    {
        if (words.Contains("-"))
        {
            if (words.Count > 1)
                throw new UsageException("Standard input (-) cannot be joined with other texts.");
            if (!Console.IsInputRedirected)
                session.Terminal.Note("reading the text from the keyboard; end it with Ctrl-D");
            return TextSource.FromStream(Console.OpenStandardInput(), "standard input");
        }
        return TextSource.FromPaths(words.Select(word => Find(word, session)));
    }

    /// <summary>Opens each text by itself, a folder's files each by themselves, fetching datasets that are not there yet.</summary>
    /// <returns>The texts with the names that a person knows them by.</returns>
    /// <exception cref="UnrollException">One cannot be had.</exception>
    public static IReadOnlyList<(string Name, TextSource Text)> OpenEach(IReadOnlyList<string> words, Session session)
    {
        if (words.Contains("-"))
            return [("standard input", Open(words, session))];
        return [.. words.SelectMany(word => TextFiles.Find(Find(word, session))).Select(path => (path, TextSource.FromPaths([path])))];
    }

    /// <summary>A dataset's file, fetched with progress if need be.</summary>
    public static string Get(Dataset dataset, Session session)
    {
        using var line = new CountingLine(
            session.Terminal, received => $"fetching {dataset.Name}: {Figures.Bytes(received)} of {Figures.Bytes(dataset.Bytes)}");
        bool present = dataset.PathIfPresent() != null;
        if (!present)
            session.Terminal.Note($"fetching {dataset.Name} ({Figures.Bytes(dataset.Bytes)}) from {dataset.Address}");
        string path = dataset.Get(new Received(line), session.Interruption.Token);
        line.Dispose();
        if (!present)
            session.Terminal.Note($"kept as {path}");
        return path;
    }

    private static string Find(string word, Session session)
    {
        if (File.Exists(word) || Directory.Exists(word))
            return word;
        return Dataset.Find(word) is { } dataset
            ? Get(dataset, session)
            : throw new UnrollException($"There is no file, folder or dataset \"{word}\": check the spelling. The datasets are {DatasetNames}.");
    }

    /// <summary>The datasets' names, for messages.</summary>
    public static string DatasetNames => string.Join(" and ", Dataset.All.Select(dataset => dataset.Name));

    private sealed class Received(IProgress<long> bytes) : IProgress<ReadingProgress>
    {
        public void Report(ReadingProgress value) => bytes.Report(value.Bytes);
    }
}

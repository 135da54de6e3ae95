using CsCheck;
using Unroll.Data.Ids;
using Unroll.Files;
using Xunit;

namespace Unroll.Tests.Data.Ids;

/// <summary>Long texts, made long by a low threshold, against the same texts in memory.</summary>
public sealed class IdCacheTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private IdCache Cache => new(Path.Combine(folder.Path, "ids")) { LongText = 10, ChunkLength = 64, Threads = 2 };

    private static IdCache Memory => new((string?)null) { LongText = long.MaxValue };

    private string[] CacheFiles => Directory.Exists(Cache.Folder) ? Directory.GetFiles(Cache.Folder!) : [];

    public void Dispose() => folder.Dispose();

    [Fact]
    [Slow]
    public void ALongTextIsTheSameCorpusAsInMemory() =>
        Gen.Select(Texts.Unicode.Array[1, 3], Gen.Enum<TokenKind>(), Gen.Enum<Cleaning>(), Gen.Int[0, 2], Gen.Int[0, 200], Gen.Int[0, 2].Select(i => new[] { 0, 0.1, 0.5 }[i]), Gen.Bool).Sample(
            (texts, kind, clean, minCount, maxTokens, validation, own) =>
            {
                string[] files = [.. texts.Select((text, i) => folder.Write($"{i}.txt", text + " some time, a machine "))];
                var options = new TextOptions { Tokens = kind, Clean = clean };
                var part = new CorpusOptions { MinCount = minCount, MaxTokens = maxTokens, Validation = own ? 0 : validation };
                Vocabulary? vocabulary = maxTokens % 5 == 0 ? Vocabulary.Build(["a", "time", " "], options) : null;
                string Read(IdCache cache) => Describe(() => Corpus.Load(
                    TextSource.FromPaths(files), options, part, own ? TextSource.FromPaths([files[0]]) : null, vocabulary, cache));
                string expected = Read(Memory);
                Assert.Equal(expected, Read(Cache)); // made
                Assert.Equal(expected, Read(Cache)); // found
                Assert.All(CacheFiles, file => Assert.EndsWith(".ids", file));
                Assert.Equal(Measure(Memory), Measure(Cache));

                (long, long, long) Measure(IdCache cache)
                {
                    TextStatistics statistics = TextStatistics.Measure(TextSource.FromPaths(files), options, minCount, cache, null, CancellationToken.None);
                    return (statistics.Tokens, statistics.Characters, statistics.Bytes);
                }
            }, iter: 300, threads: 1);

    [Fact]
    public void ShortTextsAndTextsThatAreNoFilesLeaveNothing()
    {
        string file = folder.Write("a.txt", "123456789");
        Corpus.Load(TextSource.FromPaths([file]), null, null, null, null, Cache);
        Assert.Empty(CacheFiles);
        string text = string.Concat(Enumerable.Range(0, 400_000).Select(n => (char)('a' + (n * n % 23))));
        Corpus expected = Corpus.Load(TextSource.FromString(text), null, null, null, null, Memory);
        Corpus spilled = Corpus.Load(TextSource.FromString(text), null, null, null, null, Cache);
        Assert.Equal((expected.Fingerprint, null), (spilled.Fingerprint, spilled.CachePath));
        Assert.Equal(CorpusTests.All(expected.Training), CorpusTests.All(spilled.Training));
        Assert.Empty(CacheFiles);
    }

    [Fact]
    public void OneCacheFileServesAllOptionsThatLeaveTheTokensAlone()
    {
        string file = folder.Write("a.txt", "the time machine, the time traveller");
        foreach (CorpusOptions options in new[] { new CorpusOptions(), new() { MinCount = 2 }, new() { MaxTokens = 7 }, new() { Validation = 0.3 } })
            Corpus.Load(TextSource.FromPaths([file]), null, options, null, null, Cache);
        Assert.Single(CacheFiles);
        foreach (TextOptions options in new[] { new TextOptions { Tokens = TokenKind.Word }, new() { Tokens = TokenKind.Byte }, new() { Clean = Cleaning.Textbook } })
            Corpus.Load(TextSource.FromPaths([file]), options, null, null, null, Cache);
        Assert.Equal(4, CacheFiles.Length);
        var listing = new IdCacheFolder(Cache.Folder);
        Assert.All(listing.List(), entry => Assert.Equal("a.txt", entry.Name));
        long bytes = listing.List().Sum(entry => entry.Bytes);
        (long freed, IReadOnlyList<(string, string)> left) = listing.Clear();
        Assert.Equal(bytes, freed);
        Assert.Empty(left);
        Assert.Empty(CacheFiles);
        Assert.Empty(listing.List());
    }

    [Fact]
    public void FilesThatCannotBeRemovedAreNamedAndTheOthersRemoved()
    {
        foreach (string name in new[] { "a", "b", "c" })
            Load(folder.Write($"{name}.txt", $"the time machine {name}")).Dispose();
        string[] files = [.. CacheFiles.Order(StringComparer.Ordinal)];
        var listing = new IdCacheFolder(Cache.Folder);
        if (OperatingSystem.IsWindows())
        {
            using (new FileStream(files[0], FileMode.Open, FileAccess.Read, FileShare.None))
                Assert.Equal(files[0], Assert.Single(listing.Clear().Left).Path);
            Assert.Equal([files[0]], CacheFiles);
            return;
        }
        if (Environment.IsPrivilegedProcess)
            Assert.Skip("This user may remove every file.");
        File.SetUnixFileMode(Cache.Folder!, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        (long freed, IReadOnlyList<(string Path, string Reason)> left) = listing.Clear();
        File.SetUnixFileMode(Cache.Folder!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal(0, freed);
        Assert.Equal(files, left.Select(file => file.Path));
        Assert.All(left, file => Assert.Contains("permission", file.Reason));
    }

    [Fact]
    public void ProgressIsToldOnTheCallingThread()
    {
        string file = folder.Write("a.txt", string.Concat(Enumerable.Repeat("the time machine ", 2000)));
        long length = new FileInfo(file).Length;
        for (int run = 0; run < 2; run++) // made, and found
        {
            var told = new List<(int Thread, ReadingProgress Progress)>();
            var progress = new Told(report => told.Add((Environment.CurrentManagedThreadId, report)));
            Corpus.Load(TextSource.FromPaths([file]), null, null, null, null, Cache, progress, TestContext.Current.CancellationToken).Dispose();
            Assert.All(told, report => Assert.Equal((Environment.CurrentManagedThreadId, length), (report.Thread, report.Progress.Total)));
            Assert.Equal(told.Select(report => report.Progress.Bytes).Order(), told.Select(report => report.Progress.Bytes));
            Assert.Equal(length, told[^1].Progress.Bytes);
        }
    }

    [Fact]
    public void ADisposedCorpusSaysSo()
    {
        string file = folder.Write("a.txt", "the time machine, the time traveller");
        string longer = string.Concat(Enumerable.Range(0, 400_000).Select(n => (char)('a' + (n * n % 23))));
        foreach (Func<Corpus> load in new Func<Corpus>[]
        {
            () => Corpus.Load(TextSource.FromString("in memory"), null, new CorpusOptions { Validation = 0.5 }, null, null, Memory),
            () => Corpus.Load(TextSource.FromPaths([file]), null, new CorpusOptions { Validation = 0.5 }, null, null, Cache), // made
            () => Corpus.Load(TextSource.FromPaths([file]), null, new CorpusOptions { Validation = 0.5 }, null, null, Cache), // found
            () => Corpus.Load(TextSource.FromString(longer), null, null, TextSource.FromString(longer), null, Cache), // in nameless files
        })
        {
            Corpus corpus = load();
            TokenIds slice = corpus.Training.Slice(1, 2);
            string fingerprint = load().Fingerprint;
            corpus.Dispose();
            corpus.Dispose(); // harmless
            foreach (TokenIds ids in new[] { corpus.Training, corpus.Validation!, slice })
                Assert.Throws<ObjectDisposedException>(() => ids.Read(0, new int[1]));
            Assert.Throws<ObjectDisposedException>(() => new WindowStream(corpus.Training, 1, 1, WindowOrder.Sequential, 1).Epoch(0).Read(0, new int[1], new int[1]));
            Assert.Equal(fingerprint, corpus.Fingerprint);
            Assert.NotEmpty(corpus.Counts);
        }
    }

    [Fact]
    public void WhatIsDisposedOfOrFailsKeepsNoFileOpen()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Open files are listed on Linux only.");
        string file = folder.Write("a.txt", "the time machine");
        string longer = string.Concat(Enumerable.Range(0, 400_000).Select(n => (char)('a' + (n * n % 23))));
        var cancelled = new CancellationToken(canceled: true);
        Corpus open = Load(file);
        Assert.Single(OpenFiles());
        open.Dispose();
        Assert.Empty(OpenFiles());
        Load(file).Dispose();
        Assert.NotEmpty(new IdCacheFolder(Cache.Folder).List());
        Corpus.Load(TextSource.FromString(longer), null, null, TextSource.FromString(longer), null, Cache).Dispose();
        Assert.Throws<UnrollException>(() => Corpus.Load(TextSource.FromPaths([file]), null, new CorpusOptions { Validation = 0.01 }, null, null, Cache));
        Assert.Throws<UnrollException>(() => Corpus.Load(TextSource.FromPaths([file]), null, null, TextSource.FromString("a"), null, Cache));
        Assert.Throws<UnrollException>(() => Corpus.Load(
            TextSource.FromStream(new MemoryStream([.. Enumerable.Repeat((byte)'x', 700_000), 0xFF]), "a stream"), null, null, null, null, Cache));
        Assert.ThrowsAny<OperationCanceledException>(() => Corpus.Load(TextSource.FromPaths([file]), null, null, null, null, Cache, null, cancelled));
        Assert.Equal([], OpenFiles());

        IEnumerable<string> OpenFiles() => Directory.EnumerateFiles("/proc/self/fd").Select(link => new FileInfo(link).LinkTarget ?? "")
            .Where(target => target.StartsWith(folder.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void AChangedTextOfTheSameLengthAndTimeIsReadAnew()
    {
        string file = folder.Write("a.txt", "the time machine");
        DateTime time = File.GetLastWriteTimeUtc(file);
        Load(file);
        folder.Write("a.txt", "the time traveler"[..16]);
        File.SetLastWriteTimeUtc(file, time);
        Assert.Equal(16, new FileInfo(file).Length);
        Corpus changed = Load(file);
        Assert.Contains("v", changed.Vocabulary.Tokens);
        Assert.Null(changed.Notice);
        Assert.Equal(2, CacheFiles.Length);
    }

    [Fact]
    [Slow]
    public void EveryDamageIsNoticedAndRepaired()
    {
        string file = folder.Write("a.txt", "the time machine, the time traveller");
        string expected = Load(file).Fingerprint;
        string cached = CacheFiles.Single();
        byte[] whole = File.ReadAllBytes(cached);
        void Check(byte[] bytes)
        {
            File.WriteAllBytes(cached, bytes);
            Corpus corpus = Load(file);
            Assert.Contains("damaged", corpus.Notice);
            Assert.Equal(expected, corpus.Fingerprint);
            Assert.Equal(whole, File.ReadAllBytes(cached));
            Assert.Single(CacheFiles);
        }
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] flipped = [.. whole];
            flipped[at] ^= 0x10;
            Check(flipped);
        }
        for (int length = 0; length < whole.Length; length += 7)
            Check(whole[..length]);
        Check([.. whole, 0]);
        Check(new byte[whole.Length]);
        Check("something else altogether"u8.ToArray());
    }

    [Fact]
    public void AnotherTextsFileUnderThisNameIsNotUsed()
    {
        string file = folder.Write("a.txt", "the time machine"), other = folder.Write("b.txt", "THE TIME MACHINE");
        Load(file);
        string cached = CacheFiles.Single();
        string expected = Load(other).Fingerprint;
        File.Move(cached, CacheFiles.Single(path => path != cached), overwrite: true);
        Corpus corpus = Load(other);
        Assert.Equal(expected, corpus.Fingerprint);
        Assert.NotNull(corpus.Notice);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(65536)]
    [InlineData(65537)]
    public void VocabulariesAroundTheWidthsBoundariesAreTheSameAsInMemory(int tokens)
    {
        // As many different characters, surrogates left out, twice.
        string text = string.Concat(Enumerable.Range(0x100, tokens).Select(n => char.ConvertFromUtf32(n < 0xD800 ? n : n + 0x800)));
        string file = folder.Write("a.txt", text + text);
        Corpus cached = Load(file), memory = Corpus.Load(TextSource.FromPaths([file]), null, null, null, null, Memory);
        Assert.Equal(tokens + 1, cached.Vocabulary.Count);
        Assert.Equal(Describe(() => memory), Describe(() => cached));
    }

    [Fact]
    public void NoFolderOrOneThatCannotBeWrittenIsASentence()
    {
        string file = folder.Write("a.txt", "the time machine");
        var nowhere = new IdCache((string?)null) { LongText = 10 };
        Assert.Contains("XDG_CACHE_HOME", Assert.Throws<UnrollException>(() => Corpus.Load(TextSource.FromPaths([file]), null, null, null, null, nowhere)).Message);
        var blocked = new IdCache(Path.Combine(file, "ids")) { LongText = 10 };
        string message = Assert.Throws<UnrollException>(() => Corpus.Load(TextSource.FromPaths([file]), null, null, null, null, blocked)).Message;
        Assert.Contains("XDG_CACHE_HOME", message);
        Assert.Contains("a.txt", message);
    }

    [Fact]
    public void WhatIsBrokenOffLeavesNothing()
    {
        string file = folder.Write("a.txt", new string('x', 10_000));
        using var source = new CancellationTokenSource();
        var progress = new Told(_ => source.Cancel());
        Assert.ThrowsAny<OperationCanceledException>(() => Corpus.Load(TextSource.FromPaths([file]), null, null, null, null, Cache, progress, source.Token));
        Assert.Empty(CacheFiles);
        string invalid = folder.Write("b.txt", [.. Enumerable.Repeat((byte)'x', 10_000), 0xFF]);
        Assert.Contains("offset 10000", Assert.Throws<UnrollException>(() => Load(invalid)).Message);
        Assert.Empty(CacheFiles);
        string nothing = folder.Write("c.txt", "時光機時光機時光機");
        Assert.Contains("Nothing is left", Assert.Throws<UnrollException>(() => Corpus.Load(
            TextSource.FromPaths([nothing]), new TextOptions { Clean = Cleaning.Textbook }, null, null, null, Cache)).Message);
        Assert.Empty(CacheFiles);
    }

    [Fact]
    public void WhatAKilledRunLeftIsRemovedAndWhatALivingOneWritesIsNot()
    {
        Directory.CreateDirectory(Cache.Folder!);
        string left = Path.Combine(Cache.Folder!, "abcdefgh.ijk.part");
        File.WriteAllText(left, "half of something");
        using var living = new TemporaryFile(Cache.Folder!);
        Assert.False(File.Exists(left));
        Load(folder.Write("a.txt", "the time machine"));
        Assert.True(File.Exists(living.Path));
    }

    [Fact]
    public async Task SeveralAtOnceAllSucceed()
    {
        string file = folder.Write("a.txt", string.Concat(Enumerable.Repeat("the time machine ", 2000)));
        // Each on a thread of its own; what goes wrong on one fails the test, and not the test host.
        Task<string>[] readers = [.. Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () => Load(file).Fingerprint, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Assert.Single((await Task.WhenAll(readers)).Distinct());
        Assert.Single(CacheFiles);
    }

    [Fact]
    public void AFileCutShortUnderARunIsASentence()
    {
        string file = folder.Write("a.txt", string.Concat(Enumerable.Repeat("the time machine ", 2000)));
        Corpus corpus = Load(file);
        using (var cached = new FileStream(corpus.CachePath!, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            cached.SetLength(200);
        Assert.Contains("read again", Assert.Throws<UnrollException>(() => CorpusTests.All(corpus.Training)).Message);
    }

    private Corpus Load(string file) => Corpus.Load(TextSource.FromPaths([file]), null, null, null, null, Cache);

    private static string Describe(Func<Corpus> load)
    {
        try
        {
            Corpus corpus = load();
            string validation = corpus.Validation is null ? "none" : string.Join(' ', CorpusTests.All(corpus.Validation));
            return $"{corpus.Name} {corpus.Fingerprint} {corpus.Characters} {corpus.ValidationCharacters} {corpus.Notice}\n{string.Join('|', corpus.Vocabulary.Tokens)}\n"
                + $"{string.Join(' ', corpus.Counts)}\n{string.Join(' ', CorpusTests.All(corpus.Training))}\n{validation}";
        }
        catch (UnrollException exception)
        {
            return exception.Message;
        }
    }

    private sealed class Told(Action<ReadingProgress> tell) : IProgress<ReadingProgress>
    {
        public void Report(ReadingProgress value) => tell(value);
    }
}

using BenchmarkDotNet.Attributes;
using Unroll.Data.Ids;
using Unroll.Data.Tokens;

namespace Unroll.Benchmarks;

/// <summary>A long file to a file of ids, with as many threads as <see cref="IdCache"/> takes.</summary>
[WarmupCount(1), IterationCount(4)]
public class CacheBenchmarks
{
    private string folder = "";
    private IdCacheFolder ids = null!;
    private IdCache cache = null!;
    private TextSource source = null!;

    public static IEnumerable<TextCase> Cases => [new(128)];

    [ParamsSource(nameof(Cases))]
    public TextCase Case { get; set; } = null!;

    [GlobalSetup]
    public void Create()
    {
        folder = Directory.CreateTempSubdirectory("unroll-benchmarks-").FullName;
        string path = Path.Combine(folder, "text.txt");
        File.WriteAllText(path, Case.Text());
        ids = new IdCacheFolder(Path.Combine(folder, "ids"));
        (cache, source) = (new IdCache(ids.Path), TextSource.FromPaths([path]));
    }

    [IterationSetup]
    public void Clear() => ids.Clear();

    [Benchmark]
    public long CharacterCache() => Build(new TextOptions());

    [Benchmark]
    public long WordCache() => Build(new TextOptions { Tokens = TokenKind.Word });

    [GlobalCleanup]
    public void Delete() => Directory.Delete(folder, recursive: true);

    private long Build(TextOptions options)
    {
        using NumberedText text = cache.Read(source, Tokenization.Of(options), progress: null, CancellationToken.None);
        return text.Numbers.Length;
    }
}

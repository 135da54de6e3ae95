using Xunit;

namespace Unroll.Tests.Generation;

/// <summary>Texts that are read as they come, on this thread or elsewhere.</summary>
public class StreamingTests
{
    private static readonly LanguageModel Model = Prediction.Models.Create();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ATextIsTheSameWithoutKeepingTheThread()
    {
        using var generator = new TextGenerator(Model, threads: 2);
        GenerationOptions options = new() { Length = 50, Temperature = 1, Seed = 3, StopSequences = ["z", "qq"] };
        string[] expected = [.. generator.Stream("the quick", options, Token)];
        var pieces = new List<string>();
        await foreach (string piece in generator.StreamAsync("the quick", options, Token))
            pieces.Add(piece);
        Assert.Equal(expected, pieces);
        Assert.Equal(expected.Length, generator.TokensProduced);
    }

    [Fact]
    public async Task NothingIsComputedOnTheCallersThread()
    {
        using var generator = new TextGenerator(Model, threads: 1);
        // Whoever runs what is posted here would run it on the caller's thread.
        var context = new Posts();
        SynchronizationContext? before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        Task<int> read;
        try
        {
            read = Count(generator.StreamAsync("the quick", new() { Length = 20 }));
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
        Assert.Equal(20, await read);
        Assert.Equal(0, context.Count);

        static async Task<int> Count(IAsyncEnumerable<string> pieces)
        {
            int count = 0;
            await foreach (string _ in pieces.ConfigureAwait(false))
                count++;
            return count;
        }
    }

    [Fact]
    public async Task OptionsAreCheckedAtOnceAndATokenCancels()
    {
        using var generator = new TextGenerator(Model, threads: 1);
        Assert.Throws<OptionsException>(() => { generator.StreamAsync("a", new() { Length = -1 }); });
        using var cancel = new CancellationTokenSource();
        int pieces = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (string _ in generator.StreamAsync("a", new() { Length = int.MaxValue }).WithCancellation(cancel.Token))
            {
                if (++pieces == 3)
                    cancel.Cancel();
            }
        });
        Assert.Equal(3, pieces);
    }

    [Fact]
    public void ALongPrefixCanBeCancelled()
    {
        using var generator = new TextGenerator(Model, threads: 1);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        // Without a token to produce only the prefix is left to cancel.
        Assert.Throws<OperationCanceledException>(() => generator.Generate("the quick", new GenerationOptions { Length = 0 }, cancelled.Token));
    }

    [Fact]
    public async Task OnceTheGeneratorIsDisposedOfItSaysSo()
    {
        var generator = new TextGenerator(Model, threads: 2);
        IEnumerable<string> unread = generator.Stream("a");
        IAsyncEnumerable<string> unreadElsewhere = generator.StreamAsync("a");
        using IEnumerator<string> half = unread.GetEnumerator();
        Assert.True(half.MoveNext());
        generator.Dispose();
        generator.Dispose();
        string name = Assert.Throws<ObjectDisposedException>(() => half.MoveNext()).ObjectName;
        Assert.Equal("Unroll.TextGenerator", name);
        Assert.Throws<ObjectDisposedException>(() => string.Concat(unread));
        Assert.Throws<ObjectDisposedException>(() => generator.Stream("a"));
        Assert.Throws<ObjectDisposedException>(() => generator.Generate("a", 1));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await unreadElsewhere.GetAsyncEnumerator(Token).MoveNextAsync());
    }

    [Fact]
    public void TheFirstOfSeveralTextsEndsIt()
    {
        using var generator = new TextGenerator(CraftedModel.Spelling("abcdef"), threads: 1);
        Assert.Equal("bcd", generator.Generate("a", new GenerationOptions { StopSequences = ["ef", "cd", "cde"] }).Text);
        using var words = new TextGenerator(CraftedModel.Spelling("one two-three", new TextOptions { Tokens = TokenKind.Word }), threads: 1);
        Assert.Equal(" tw", words.Generate("one", new GenerationOptions { StopSequences = ["o", "w", "two"] }).Text);
    }

    [Fact]
    public void OptionsWithEqualTextsAreEqualAndNobodyChangesThem()
    {
        string[] texts = ["a", "b"];
        GenerationOptions options = new() { StopSequences = texts };
        Assert.Equal(options, new GenerationOptions { StopSequences = ["a", "b"] });
        Assert.Equal(options.GetHashCode(), new GenerationOptions { StopSequences = ["a", "b"] }.GetHashCode());
        Assert.NotEqual(options, new GenerationOptions { StopSequences = ["b", "a"] });
        Assert.NotEqual(options, new GenerationOptions());
        texts[0] = "c";
        Assert.Equal(["a", "b"], options.StopSequences);
        Assert.Contains("StopSequences = [a, b]", options.ToString());
    }

    private sealed class Posts : SynchronizationContext
    {
        public int Count { get; private set; }

        public override void Post(SendOrPostCallback callback, object? state)
        {
            Count++;
            base.Post(callback, state);
        }
    }
}

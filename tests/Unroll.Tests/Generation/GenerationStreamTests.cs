using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.Generation;

/// <summary>How streams of a <see cref="BatchGenerator"/> begin, wait, are read and end.</summary>
public class GenerationStreamTests
{
    private static readonly LanguageModel Model = Models.Create();
    private static readonly GenerationOptions Endless = new() { Length = int.MaxValue };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_whose_reader_is_slow_sits_out_and_the_others_go_on()
    {
        using var generator = new BatchGenerator(Model, new BatchOptions { Slots = 2 });
        var request = new GenerationRequest { Prefix = "The", Options = new() { Length = 5000, Temperature = 1 } };
        GenerationStream slow = generator.Start(request, Stop);
        await Until(() => slow.Tokens.Count == GenerationStream.Room);
        List<GeneratedToken> other = await BatchGeneratorTests.All(generator.Start(request with { Prefix = "fox" }, Stop));
        Assert.Equal(5000, other.Count);
        Assert.Equal(GenerationStream.Room, slow.Tokens.Count);
        Assert.False(slow.Outcome.IsCompleted);
        Alone.Same(Alone.Run(Model, request).Tokens, await BatchGeneratorTests.All(slow));
    }

    [Fact]
    public async Task So_does_one_whose_prefix_is_scored()
    {
        using var generator = new BatchGenerator(Model);
        var request = new GenerationRequest { Prefix = string.Concat(Enumerable.Repeat(Models.Text, 30)), ScorePrefix = true, Options = new() { Length = 10 } };
        GenerationStream slow = generator.Start(request, Stop);
        await Until(() => slow.Tokens.Count == GenerationStream.Room);
        Assert.Equal(50, (await BatchGeneratorTests.All(generator.Start(new GenerationRequest { Options = new() { Length = 50 } }, Stop))).Count);
        Assert.Equal(GenerationStream.Room, slow.Tokens.Count);
        Alone.Same(Alone.Run(Model, request).Tokens, await BatchGeneratorTests.All(slow));
    }

    [Fact]
    public async Task Whoever_waits_is_let_in_refused_or_cancelled()
    {
        using var generator = new BatchGenerator(Model, new BatchOptions { Slots = 2, Queue = 2 });
        var endless = new GenerationRequest { Options = Endless };
        GenerationStream[] streams = [.. Enumerable.Range(0, 4).Select(_ => generator.Start(endless, Stop))];
        await Until(() => generator.Figures is { Active: 2, Queued: 2 });
        Assert.Throws<QueueFullException>(() => generator.Start(endless, Stop));

        using var source = new CancellationTokenSource();
        streams[3].Cancel(); // in the queue: it never had a token
        Assert.Equal((FinishReason.Cancelled, 0), ((await streams[3].Outcome).Reason, (await streams[3].Outcome).Tokens));
        Assert.Empty(await BatchGeneratorTests.All(streams[3]));
        GenerationStream fifth = generator.Start(endless, source.Token);
        await Until(() => generator.Figures is { Active: 2, Queued: 2 });
        streams[0].Dispose();
        Assert.Equal(FinishReason.Cancelled, (await streams[0].Outcome).Reason);
        Assert.True(await streams[2].Tokens.WaitToReadAsync(Stop)); // has the free slot
        await source.CancelAsync();
        Assert.Equal(FinishReason.Cancelled, (await fifth.Outcome).Reason);
        GenerationOutcome before = await Cancelled(streams[1]), after = await Cancelled(streams[2]);
        Assert.True(before.Tokens > 0 && after.Tokens > 0);
        await Until(() => generator.Figures is { Active: 0, Queued: 0 });
        streams[1].Cancel(); // which has ended: nothing happens
    }

    [Fact]
    public async Task Without_a_queue_free_slots_are_still_to_be_had()
    {
        using var generator = new BatchGenerator(Model, new BatchOptions { Slots = 1, Queue = 0 });
        for (int i = 0; i < 3; i++)
        {
            GenerationStream stream = generator.Start(new GenerationRequest { Options = new() { Length = 3 } }, Stop);
            await stream.Outcome;
            await Until(() => generator.Figures.Active == 0);
        }
    }

    [Fact]
    public async Task A_token_cancelled_beforehand_ends_a_stream_at_once()
    {
        using var generator = new BatchGenerator(Model);
        GenerationStream stream = generator.Start(new GenerationRequest { Options = Endless, ReturnState = true }, new CancellationToken(canceled: true));
        Assert.Equal(new GenerationOutcome(FinishReason.Cancelled, 0, 0, 0), await stream.Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancelled_stream_leaves_the_state_that_it_has_come_to(bool disposed)
    {
        LanguageModel model = Models.Create();
        using var generator = new BatchGenerator(model);
        GenerationStream stream = generator.Start(new GenerationRequest { Prefix = "The quick", Options = Endless with { Temperature = 1 }, ReturnState = true }, Stop);
        await Until(() => stream.Tokens.Count == GenerationStream.Room); // it sits out
        if (disposed)
            generator.Dispose();
        else
            stream.Cancel();
        List<GeneratedToken> tokens = await BatchGeneratorTests.All(stream);
        GenerationOutcome outcome = await stream.Outcome;
        Assert.Equal((disposed ? FinishReason.Disposed : FinishReason.Cancelled, 9, tokens.Count), (outcome.Reason, outcome.PrefixTokensRead, outcome.Tokens));
        using var predictor = new TextPredictor(model, threads: 1);
        predictor.SetState(new RecurrentState(model));
        predictor.Feed("The quick", Stop);
        predictor.Feed([.. tokens.Select(token => token.Id)], Stop);
        Assert.Equal(predictor.GetState().Hidden(1), outcome.State!.Hidden(1));
        Assert.Equal(predictor.GetState().Cell(0), outcome.State.Cell(0));
    }

    [Fact]
    public async Task A_prefix_that_is_cancelled_is_remembered_as_far_as_it_was_read()
    {
        using var generator = new BatchGenerator(Model);
        string prefix = string.Concat(Enumerable.Repeat(Models.Text, 20_000));
        var request = new GenerationRequest { Prefix = prefix, Options = Endless, ReturnState = true };
        GenerationStream stream = generator.Start(request, Stop);
        await Until(() => generator.Figures.TokensRead > 1000);
        GenerationOutcome outcome = await Cancelled(stream);
        Assert.Equal(0, outcome.Tokens);
        Assert.InRange(outcome.PrefixTokensRead, 1000, prefix.Length - 1);
        using var predictor = new TextPredictor(Model, threads: 1);
        predictor.SetState(new RecurrentState(Model));
        predictor.Feed(prefix[..outcome.PrefixTokensRead], Stop);
        Assert.Equal(predictor.GetState().Hidden(1), outcome.State!.Hidden(1));
        GenerationStream again = generator.Start(request with { Prefix = prefix[..1000], Options = new() { Length = 1 } }, Stop);
        Assert.Equal(768, (await again.Outcome).CachedTokens);
    }

    [Fact]
    public async Task Disposing_ends_every_stream_and_nobody_gets_in_any_more()
    {
        var generator = new BatchGenerator(Model, new BatchOptions { Slots = 2 });
        string prefix = string.Concat(Enumerable.Repeat(Models.Text, 20_000));
        GenerationStream[] streams = [.. new[] { "fox", prefix, "dogs" }.Select(text => generator.Start(new GenerationRequest { Prefix = text, Options = Endless }, Stop))];
        Assert.True(await streams[0].Tokens.WaitToReadAsync(Stop));
        generator.Dispose();
        Assert.All(streams, stream => Assert.True(stream.Outcome.IsCompleted));
        foreach (GenerationStream stream in streams)
        {
            await BatchGeneratorTests.All(stream);
            Assert.Equal(FinishReason.Disposed, (await stream.Outcome).Reason);
        }
        Assert.Throws<ObjectDisposedException>(() => generator.Start(new GenerationRequest(), Stop));
        generator.Dispose();
    }

    [Theory]
    [InlineData(TokenKind.Character, "helo wrd", new[] { "wr" }, "helo ")]
    [InlineData(TokenKind.Character, "helo wrd", new[] { "rx", "ow", "lo w" }, "he")]
    [InlineData(TokenKind.Character, "helo wrd", new[] { "d!" }, "helo wrd")]
    [InlineData(TokenKind.Character, "helo wrd", new[] { "wrdx", "o wz" }, "helo wrd")]
    [InlineData(TokenKind.Byte, "aé日", new[] { "日" }, "aé")]
    [InlineData(TokenKind.Byte, "aé日", new[] { "日x" }, "aé日")]
    [InlineData(TokenKind.Word, "half\tsome", new[] { "me" }, "half\tso")]
    public async Task A_stop_text_that_is_left_out_is_never_seen(TokenKind kind, string text, string[] stops, string expected)
    {
        // A model that spells the text after a line break.
        LanguageModel model = CraftedModel.Spelling("\n" + text, new TextOptions { Tokens = kind });
        int tokens = model.Vocabulary.Encode(text).Length;
        using var generator = new BatchGenerator(model);
        var request = new GenerationRequest { Prefix = "\n", Options = new() { Length = tokens, StopSequences = stops }, OmitStopText = true };
        GenerationStream stream = generator.Start(request, Stop);
        List<GeneratedToken> seen = await BatchGeneratorTests.All(stream);
        Assert.Equal(expected, string.Concat(seen.Select(token => token.Text)));
        bool stopped = expected != text;
        Assert.Equal(stopped ? FinishReason.StopText : FinishReason.Length, (await stream.Outcome).Reason);
        // Kept, the same text has the stop text at its end.
        List<GeneratedToken> kept = await BatchGeneratorTests.All(generator.Start(request with { OmitStopText = false }, Stop));
        Assert.Equal(stopped ? expected + stops.First(stop => (expected + stop).Length <= text.Length && text.StartsWith(expected + stop, StringComparison.Ordinal)) : text,
            string.Concat(kept.Select(token => token.Text)));
        Assert.Equal(kept.Take(seen.Count - 1).Select(token => (token.Id, token.Offset, token.LogProbability)), seen.SkipLast(1).Select(token => (token.Id, token.Offset, token.LogProbability)));
    }

    [Fact]
    public void What_makes_no_sense_is_refused_in_words()
    {
        using var generator = new BatchGenerator(Model);
        Refused(new() { PrefixIds = [1, 2, 99] }, "PrefixIds has the token 99");
        Refused(new() { PrefixIds = [1], Prefix = "a" }, "PrefixIds stands instead of Prefix");
        Refused(new() { Options = new() { Beam = 3 } }, "Beam must be 1 in a batch");
        Refused(new() { Alternatives = -1 }, "Alternatives must be from 0 to 100");
        Refused(new() { Options = new() { LogitBias = new Dictionary<int, double> { [77] = 1 } } }, "LogitBias has the token 77");
        Refused(new() { Options = new() { LogitBias = new Dictionary<int, double> { [1] = 101 } } }, "LogitBias must be from -100 to 100");
        Refused(new() { Options = new() { PresencePenalty = 2.5 } }, "PresencePenalty must be from -2 to 2");
        Refused(new() { Options = new() { FrequencyPenalty = double.NaN } }, "FrequencyPenalty must be from -2 to 2");
        Assert.Throws<ArgumentException>(() => generator.Start(new() { Start = new RecurrentState(Model, batch: 2) }, Stop));
        Assert.Throws<ArgumentException>(() => generator.Start(new() { Start = new RecurrentState(Model.Options with { HiddenSize = 3 }) }, Stop));
        Assert.Contains("Slots must be from 1", Assert.Throws<OptionsException>(() => new BatchGenerator(Model, new() { Slots = 0 })).Message);
        Assert.Equal(0, generator.Figures.Active);

        void Refused(GenerationRequest request, string message) =>
            Assert.Contains(message, Assert.Throws<OptionsException>(() => generator.Start(request, Stop)).Message);
    }

    private static async Task<GenerationOutcome> Cancelled(GenerationStream stream)
    {
        stream.Cancel();
        GenerationOutcome outcome = await stream.Outcome;
        Assert.Equal(FinishReason.Cancelled, outcome.Reason);
        return outcome;
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(1, Stop);
    }
}

using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.Generation;

/// <summary>A text among many is to the bit what it is alone: token by token, in one row, by nobody else's leave.</summary>
public class BatchGeneratorTests
{
    private static readonly string Long = string.Concat(Enumerable.Repeat(Models.Text, 8));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CellKind.Rnn, 1)]
    [InlineData(CellKind.Rnn, 2)]
    [InlineData(CellKind.Gru, 1)]
    [InlineData(CellKind.Gru, 2)]
    [InlineData(CellKind.Lstm, 1)]
    [InlineData(CellKind.Lstm, 2)]
    public async Task A_text_among_many_is_what_it_is_alone(CellKind cell, int threads)
    {
        LanguageModel model = Models.Create(cell);
        using var generator = new BatchGenerator(model, new BatchOptions { Slots = 12, Threads = threads });
        await Check(generator, seed: (ulong)cell, count: 60);
        // Once more, now that beginnings are remembered.
        await Check(generator, seed: (ulong)cell, count: 60);
        Assert.True(generator.Figures.TokensCached > 1000, $"only {generator.Figures.TokensCached} tokens were remembered");
    }

    [Theory]
    [InlineData(TokenKind.Word, DocumentKind.None, 1, false)]
    [InlineData(TokenKind.Byte, DocumentKind.None, 1, false)]
    [InlineData(TokenKind.Character, DocumentKind.Line, 1, false)]
    [InlineData(TokenKind.Character, DocumentKind.None, 3, false)]
    [InlineData(TokenKind.Character, DocumentKind.Line, 1, true)]
    [InlineData(TokenKind.Character, DocumentKind.None, 2, true)]
    public async Task So_it_is_with_all_kinds_of_models(TokenKind tokens, DocumentKind documents, int networks, bool memory)
    {
        using Corpus corpus = Corpus.Load(TextSource.FromString(Long + "日本語も少し。\n"), new TextOptions { Tokens = tokens, Documents = documents },
            new CorpusOptions { HeldBack = memory ? 0.2 : 0 });
        LanguageModel model = LanguageModel.Create(corpus, new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 24, OutputNgrams = 3 }, members: networks);
        new Trainer(model, corpus, new TrainingOptions { Updates = 20, Batch = 4, SequenceLength = 8, LearningRate = 0.05, MemoryTokens = memory ? 1000 : 0 },
            new RunOptions { Threads = 1 }).Run(cancellationToken: Stop);
        Assert.Equal(memory, model.HasMemory);
        using var generator = new BatchGenerator(model, new BatchOptions { Slots = 9, Threads = 2 });
        await Check(generator, seed: 5, count: 30);
        await Check(generator, seed: 5, count: 30);
    }

    [Fact]
    public async Task TextGenerator_writes_the_same_texts()
    {
        LanguageModel model = Models.Create();
        using var alone = new TextGenerator(model, threads: 1);
        using var generator = new BatchGenerator(model, new BatchOptions { Slots = 4 });
        GenerationOptions[] options = [.. Enumerable.Range(0, 8).Select(i => new GenerationOptions
        {
            Length = 80, Temperature = i % 3 * 0.7, Seed = (ulong)i, RepetitionPenalty = i % 2 == 0 ? 1 : 1.3, StopSequences = i > 3 ? ["e", "qu"] : [],
            AllowedCharacters = i == 5 ? "a-z " : "", PresencePenalty = i % 4 * 0.3, FrequencyPenalty = i % 5 * 0.1, LogitBias = i == 7 ? new Dictionary<int, double> { [3] = 2 } : [],
        })];
        GenerationStream[] streams = [.. options.Select(one => generator.Start(new GenerationRequest { Prefix = "The quick", Options = one }, Stop))];
        for (int i = 0; i < streams.Length; i++)
            Assert.Equal(alone.Generate("The quick", options[i], Stop).Text, string.Concat((await All(streams[i])).Select(token => token.Text)));
    }

    [Fact]
    public async Task Reading_a_text_gives_what_TextPredictor_says_of_it()
    {
        LanguageModel model = Models.Create();
        using var predictor = new TextPredictor(model, threads: 1);
        predictor.SetState(new RecurrentState(model));
        using var generator = new BatchGenerator(model);
        GenerationStream stream = generator.Start(new GenerationRequest { Prefix = "fox ❄ lazy", ScorePrefix = true, Options = new() { Length = 0 } }, Stop);
        List<GeneratedToken> tokens = await All(stream);
        IReadOnlyList<TokenPrediction> expected = predictor.Score("fox ❄ lazy", Stop);
        Assert.Equal(expected.Select(token => (token.Id, token.Text)), tokens.Select(token => (token.Id, token.Text)));
        Assert.Equal(expected.Skip(1).Select(token => token.LogProbability), tokens.Skip(1).Select(token => token.LogProbability));
        Assert.True(float.IsNaN(tokens[0].LogProbability)); // nothing precedes it
        Assert.Equal(new GenerationOutcome(FinishReason.Length, 10, 0, 0) { PrefixTokensRead = 10 }, await stream.Outcome);
    }

    [Theory]
    [InlineData(DocumentKind.None)]
    [InlineData(DocumentKind.Line)]
    public async Task A_text_goes_on_from_the_state_in_which_it_ended(DocumentKind documents)
    {
        LanguageModel model = Models.Create(text: new TextOptions { Documents = documents });
        using var generator = new BatchGenerator(model, new BatchOptions { Threads = 2 });
        var greedy = new GenerationOptions { Length = 12, LogitBias = model.Vocabulary.EndId is { } end ? new Dictionary<int, double> { [end] = -100 } : [] };
        var request = new GenerationRequest { Prefix = "The quick brown", Options = greedy, ReturnState = true };
        GenerationStream first = generator.Start(request, Stop), whole = generator.Start(request with { Options = greedy with { Length = 30 } }, Stop);
        List<GeneratedToken> text = await All(first), expected = await All(whole);
        RecurrentState state = (await first.Outcome).State!;
        // In one go, by a scored prefix, and by its ids.
        GenerationStream next = generator.Start(new GenerationRequest { Start = state, Options = greedy with { Length = 18 } }, Stop);
        Assert.Equal(Spoken(expected), Spoken(text.Concat(await All(next))));
        GenerationStream scored = generator.Start(
            new GenerationRequest { Start = state, PrefixIds = [.. expected.Skip(12).Take(6).Select(token => token.Id)], ScorePrefix = true, Options = greedy with { Length = 12 } }, Stop);
        Assert.Equal(Spoken(expected.Skip(12)), Spoken(await All(scored)));
        // The state is the caller's: nobody has gone on with it.
        Assert.Equal(Spoken(expected.Skip(12)), Spoken(await All(generator.Start(new GenerationRequest { Start = state, Options = greedy with { Length = 18 } }, Stop))));

        static IEnumerable<(int, uint)> Spoken(IEnumerable<GeneratedToken> tokens) => tokens.Select(token => (token.Id, BitConverter.SingleToUInt32Bits(token.LogProbability)));
    }

    [Fact]
    public async Task Equal_prefixes_are_read_once()
    {
        LanguageModel model = Models.Create();
        using var generator = new BatchGenerator(model, new BatchOptions { Slots = 8 });
        GenerationRequest[] requests = [.. Enumerable.Range(0, 6).Select(i => new GenerationRequest { Prefix = Long, Options = new() { Length = 5, Temperature = 1, Seed = (ulong)i } })];
        GenerationStream[] streams = [.. requests.Select(request => generator.Start(request, Stop))];
        for (int i = 0; i < streams.Length; i++)
        {
            Alone.Same(Alone.Run(model, requests[i]).Tokens, await All(streams[i]));
            Assert.Equal(i == 0 ? 0 : Long.Length, (await streams[i].Outcome).CachedTokens);
        }
        Assert.Equal((Long.Length, 5 * Long.Length), (generator.Figures.TokensRead, generator.Figures.TokensCached));

        // Who goes on from what a text has come to reads what is new, but for the last token, which nobody has read.
        string spoken = string.Concat(Alone.Run(model, requests[0]).Tokens.Select(token => token.Text));
        GenerationStream reply = generator.Start(new GenerationRequest { Prefix = Long + spoken + " fox", Options = new() { Length = 1 } }, Stop);
        Assert.Equal(Long.Length + spoken.Length - 1, (await reply.Outcome).CachedTokens);
        // A part is remembered at the end of every stretch.
        GenerationStream part = generator.Start(new GenerationRequest { Prefix = Long[..600], Options = new() { Length = 1 } }, Stop);
        Assert.Equal(512, (await part.Outcome).CachedTokens);
        GenerationStream fresh = generator.Start(new GenerationRequest { Prefix = Long, Remember = false, Options = new() { Length = 1 } }, Stop);
        Assert.Equal(0, (await fresh.Outcome).CachedTokens);
    }

    internal static async Task<List<GeneratedToken>> All(GenerationStream stream)
    {
        var tokens = new List<GeneratedToken>();
        await foreach (GeneratedToken token in stream.Tokens.ReadAllAsync(Stop))
            tokens.Add(token);
        return tokens;
    }

    // Texts of all sorts that join when they like; every fifth is cancelled on its way.
    private static async Task Check(BatchGenerator generator, ulong seed, int count)
    {
        var random = new RandomStream(seed, RandomPurpose.Sampling, 7);
        GenerationRequest[] requests = [.. Enumerable.Range(0, count).Select(i => Request(generator.Model, random, (ulong)i))];
        var streams = new List<GenerationStream>();
        for (int i = 0; i < count; i++)
        {
            streams.Add(generator.Start(requests[i], Stop));
            if (i % 5 == 4)
                streams[i - random.Below(1000 + (ulong)i, 3)].Cancel();
            if (i % 7 == 6)
                await streams[i - random.Below(2000 + (ulong)i, 7)].Outcome;
        }
        for (int i = 0; i < count; i++)
        {
            (List<GeneratedToken> expected, FinishReason reason) = Alone.Run(generator.Model, requests[i]);
            List<GeneratedToken> tokens = await All(streams[i]);
            GenerationOutcome outcome = await streams[i].Outcome;
            if (outcome.Reason == FinishReason.Cancelled)
            {
                expected.RemoveRange(tokens.Count, expected.Count - tokens.Count);
            }
            else
            {
                Assert.Equal(reason, outcome.Reason);
                Assert.Equal(expected.Count(token => !token.IsPrefix) + (reason == FinishReason.DocumentEnd ? 1 : 0), outcome.Tokens);
            }
            Alone.Same(expected, tokens);
        }
    }

    private static GenerationRequest Request(LanguageModel model, RandomStream random, ulong i)
    {
        string prefix = Long[..random.Below(10 * i, random.Below(10 * i + 1, 4) == 0 ? Long.Length : 40)];
        prefix = prefix[..(prefix.LastIndexOf(' ') + 1)]; // half a word would be one that the model does not know
        var options = new GenerationOptions
        {
            Length = random.Below(10 * i + 2, 50),
            Temperature = random.Below(10 * i + 3, 3),
            Seed = i,
            TopK = random.Below(10 * i + 4, 3),
            RepetitionPenalty = i % 6 == 0 ? 1.2 : 1,
            StopSequences = i % 4 == 0 ? ["xy", "o"] : [],
        };
        bool asIds = random.Below(10 * i + 5, 2) == 0;
        return new GenerationRequest
        {
            Prefix = asIds ? "" : prefix,
            PrefixIds = asIds ? model.Vocabulary.Encode(prefix) : null,
            Options = options,
            Alternatives = random.Below(10 * i + 6, 4),
            ScorePrefix = random.Below(10 * i + 7, 4) == 0,
            ReturnState = i % 3 == 0,
        };
    }
}

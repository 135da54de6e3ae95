using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.Generation;

public class BatchGeneratorTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(CellKind.Rnn, 1)]
    [InlineData(CellKind.Gru, 2)]
    [InlineData(CellKind.Lstm, 1)]
    [InlineData(CellKind.Lstm, 2)]
    public async Task ATextAmongManyIsWhatItIsAlone(CellKind cell, int threads)
    {
        LanguageModel model = Models.Create(cell);
        using var generator = new BatchGenerator(model, new BatchOptions { Slots = 5, Threads = threads });
        var random = new RandomStream(3, RandomPurpose.Sampling, 0);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 40).Select(i => Request((ulong)i))];
        GenerationStream[] streams = [.. requests.Select(request => generator.Start(request, Stop))];
        for (int i = 0; i < streams.Length; i++)
        {
            (List<GeneratedToken> expected, FinishReason reason) = Alone.Run(model, requests[i]);
            Alone.Same(expected, await All(streams[i]));
            GenerationOutcome outcome = await streams[i].Outcome;
            Assert.Equal(reason, outcome.Reason);
            Assert.Equal(expected.Count(token => !token.IsPrefix), outcome.Tokens);
        }

        GenerationRequest Request(ulong i) => new()
        {
            Prefix = string.Concat(Enumerable.Repeat(Models.Text, 4))[..random.Below(10 * i, 300)],
            Options = new GenerationOptions { Length = random.Below(10 * i + 1, 60), Temperature = i % 3, Seed = i, TopK = i % 2 == 0 ? 0 : 5 },
            Alternatives = (int)i % 3,
            ScorePrefix = i % 4 == 0,
        };
    }

    internal static async Task<List<GeneratedToken>> All(GenerationStream stream)
    {
        var tokens = new List<GeneratedToken>();
        await foreach (GeneratedToken token in stream.Tokens.ReadAllAsync(Stop))
            tokens.Add(token);
        return tokens;
    }
}

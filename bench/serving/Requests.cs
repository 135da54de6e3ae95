namespace Unroll.Serving;

/// <summary>What is asked for: the model is untrained and its prompts are made up, which costs as much as real ones.</summary>
internal static class Requests
{
    public const int Hidden = 512, Characters = 65;

    /// <summary>LSTM 512, V 65: floating-point operations of one token, a multiply-add counting two; a one-hot input is a row that is looked up.</summary>
    public const double OperationsPerToken = 2.0 * (Hidden * 4 * Hidden + Hidden * Characters);

    public static LanguageModel Model()
    {
        string[] tokens = [Vocabulary.UnknownToken, .. Enumerable.Range(1, Characters - 1).Select(id => $"{(char)('!' + id)}")];
        return LanguageModel.Create(new Vocabulary(tokens, new TextOptions()), new ModelOptions { Cell = CellKind.Lstm, HiddenSize = Hidden });
    }

    /// <summary>A stream that goes on until it is cancelled.</summary>
    public static GenerationRequest Endless(ulong seed, double temperature) => Prompt(seed, 20, int.MaxValue, temperature);

    /// <summary>A prompt that nobody has asked before.</summary>
    public static GenerationRequest Prompt(ulong seed, int characters, int length, double temperature)
    {
        var random = new RandomStream(seed, RandomPurpose.Sampling, 0);
        return new GenerationRequest
        {
            PrefixIds = [.. Enumerable.Range(0, characters).Select(i => 1 + random.Below((ulong)i, Characters - 1))],
            Options = new GenerationOptions { Length = length, Temperature = temperature, Seed = seed },
            Remember = false,
        };
    }
}

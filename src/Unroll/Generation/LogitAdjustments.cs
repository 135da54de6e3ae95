// What is added to logits whatever the model says: a bias by token, and penalties for what the continuation has already, as in
// OpenAI's completions. Softmax leaves open where logits have their zero, so they may be added to log-probabilities as well.
namespace Unroll.Generation;

/// <summary>Biases and penalties of one text.</summary>
internal sealed class LogitAdjustments
{
    private readonly IReadOnlyDictionary<int, double> biases;
    private readonly double presence, frequency;
    private readonly Dictionary<int, int> counts = []; // of tokens produced

    /// <param name="options">The options.</param>
    /// <param name="vocabularySize">V.</param>
    /// <exception cref="OptionsException">There is no such token.</exception>
    public LogitAdjustments(GenerationOptions options, int vocabularySize)
    {
        (biases, presence, frequency) = (options.LogitBias, options.PresencePenalty, options.FrequencyPenalty);
        foreach (int id in biases.Keys)
            OptionsException.Require((uint)id < (uint)vocabularySize, nameof(GenerationOptions.LogitBias), $"has the token {id}, but the model's go from 0 to {vocabularySize - 1}.");
    }

    private LogitAdjustments(LogitAdjustments other) =>
        (biases, presence, frequency, counts) = (other.biases, other.presence, other.frequency, new Dictionary<int, int>(other.counts));

    /// <summary>Another one, as far as this one has come: for texts that go on in several ways.</summary>
    public LogitAdjustments Branch() => new(this);

    /// <summary>Notes a token that was produced.</summary>
    public void Append(int id)
    {
        if (presence != 0 || frequency != 0)
            counts[id] = counts.GetValueOrDefault(id) + 1;
    }

    /// <summary>Adds what is to be added.</summary>
    /// <param name="judged">[V].</param>
    public void Judge(Span<float> judged)
    {
        foreach ((int id, double bias) in biases)
            judged[id] += (float)bias;
        foreach ((int id, int count) in counts)
            judged[id] -= (float)(presence + frequency * count);
    }
}

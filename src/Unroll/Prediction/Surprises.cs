// What a model says to each token that comes: how likely it held it, and how large a surprise it expected. Both come out of the
// whole distribution, which is made anyway wherever several opinions are mixed.
using Unroll.Kernels;
using Unroll.Model;

namespace Unroll.Prediction;

/// <summary>Scores predictions of a predictor's rows, side by side.</summary>
internal sealed class Surprises : IDisposable
{
    /// <summary>The most probabilities at a time: with a large vocabulary windows are shorter.</summary>
    private const int MostProbabilities = 1 << 22;

    /// <summary>Probabilities that keep a thread busy for longer than it takes to wake it.</summary>
    private const int LeastShare = 1 << 16;

    private readonly ThreadTeam team;
    private readonly Action<int> measure;
    private readonly int vocabularySize;
    private float[] logProbabilities = []; // [T·B, V]
    private readonly float[] entropies; // [T·B]
    private int count; // of a call's predictions

    /// <param name="model">The model.</param>
    /// <param name="options">What it is for; fewer steps, if the vocabulary is large.</param>
    /// <param name="multiple">What the number of steps must be a multiple of.</param>
    public Surprises(LanguageModel model, EngineOptions options, int multiple = 1)
    {
        vocabularySize = model.Vocabulary.Count;
        Steps = Math.Clamp(MostProbabilities / options.Rows / vocabularySize / multiple * multiple, Math.Min(multiple, options.Steps), options.Steps);
        Predictor = Predictor.For(model, options with { Steps = Steps });
        entropies = new float[options.Rows * Steps];
        team = new ThreadTeam(Math.Clamp(entropies.Length * vocabularySize / LeastShare, 1, CpuEngine.MostThreads(options)));
        measure = MeasureShare;
    }

    /// <summary>The most steps of a call, T.</summary>
    public int Steps { get; }

    /// <summary>What predicts.</summary>
    public Predictor Predictor { get; }

    /// <summary>What the predictor expected in the last call, by natural logarithms of probabilities: position i of [t, b].</summary>
    public ReadOnlySpan<float> LogProbabilities(int i) => logProbabilities.AsSpan(i * vocabularySize, vocabularySize);

    /// <summary>What the predictor expected each loss of the last call to be: [t, b] entropies in nats.</summary>
    public ReadOnlySpan<float> Entropies => entropies.AsSpan(0, count);

    /// <summary>Scores predictions of the first rows; their states advance.</summary>
    /// <param name="rows">b ≤ B.</param>
    /// <param name="inputs">[t, b] ids, time-major, t ≤ T.</param>
    /// <param name="targets">[t, b] ids.</param>
    public void Score(int rows, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets)
    {
        count = inputs.Length;
        if (logProbabilities.Length == 0)
            logProbabilities = new float[entropies.Length * vocabularySize];
        Predictor.Distributions(rows, inputs, targets, logProbabilities.AsMemory(0, count * vocabularySize));
        team.Run(measure);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        team.Dispose();
        Predictor.Dispose();
    }

    private void MeasureShare(int thread)
    {
        (int start, int end) = Share.Of(count, team.Count, thread);
        for (int i = start; i < end; i++)
            entropies[i] = Entropy.Of(LogProbabilities(i));
    }
}

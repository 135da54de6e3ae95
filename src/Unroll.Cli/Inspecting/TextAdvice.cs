// What a training run would be, for several lengths of time, and what loss it may come to: as far as the text's length, its
// vocabulary, this machine's speed and a quick count of it tell.
using Unroll.Counts;
using Unroll.Data.Tokens;
using Unroll.Training;

namespace Unroll.Cli.Inspecting;

/// <summary>Advice on training by a text.</summary>
/// <param name="Rows">Runs of several lengths.</param>
/// <param name="CountsLoss">Nats per token at which counts of its first nine tenths predict its last tenth; null where the text is too
/// short, or too long.</param>
internal sealed record TextAdvice(IReadOnlyList<TextAdvice.Row> Rows, double? CountsLoss)
{
    // Longer texts take longer than somebody who only looks would wait; of a long last tenth a part tells as much.
    private const long MostTokens = 20_000_000;
    private const int LeastTokens = 2_000, MostPredicted = 30_000;

    private const double PartToValidate = 0.1;

    private static readonly TimeSpan[] Budgets = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1)];

    /// <summary>A run.</summary>
    /// <param name="Budget">How long it takes.</param>
    /// <param name="Networks">How many there are.</param>
    /// <param name="Units">The units of each.</param>
    /// <param name="Passes">How often each reads the text.</param>
    internal sealed record Row(TimeSpan Budget, int Networks, int Units, double Passes);

    /// <summary>The advice for a text.</summary>
    /// <param name="source">The text.</param>
    /// <param name="statistics">What is in it.</param>
    public static TextAdvice For(TextSource source, TextStatistics statistics)
    {
        if (statistics.Tokens < LeastTokens)
            return new TextAdvice([], null);
        double speed = MachineSpeed.TokensPerSecond(TimeProvider.System);
        long learned = (long)(statistics.Tokens * (1 - PartToValidate));
        Row[] rows = [.. Budgets.Select(budget =>
        {
            Preset preset = RunAdvice.For(Presets.Default, learned, statistics.Vocabulary.Count, statistics.Vocabulary.IsByFrequency, budget.TotalSeconds, Environment.ProcessorCount, speed);
            return new Row(budget, preset.Members, preset.Model.HiddenSize, preset.Passes);
        })];
        return new TextAdvice(rows, CountsLossOf(source, statistics));
    }

    private static double? CountsLossOf(TextSource source, TextStatistics statistics)
    {
        if (statistics.Tokens > MostTokens || source.Files is null)
            return null;
        using Corpus corpus = Corpus.Load(source, options: new CorpusOptions { Validation = PartToValidate }, vocabulary: statistics.Vocabulary);
        int most = RunAdvice.AreMany(corpus.Vocabulary.Count) ? 300_000 : 1_000_000; // a second or three
        int[] counted = new int[(int)Math.Min(most, corpus.Training.Length)], predicted = new int[(int)Math.Min(MostPredicted, corpus.Validation!.Length)];
        corpus.Training.Read(corpus.Training.Length - counted.Length, counted);
        corpus.Validation.Read(0, predicted);
        CountReader reader = CountMemory.Count(counted, corpus.Vocabulary).NewReader();
        float[] logProbabilities = new float[corpus.Vocabulary.Count];
        double sum = 0;
        reader.SetContext(counted);
        foreach (int token in predicted)
        {
            reader.LogProbabilities(logProbabilities);
            sum -= logProbabilities[token];
            reader.Feed(token);
        }
        return sum / predicted.Length;
    }
}

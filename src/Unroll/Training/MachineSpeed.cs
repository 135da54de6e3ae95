using Unroll.Model;

namespace Unroll.Training;

/// <summary>Measures how fast this machine trains, so that a time can be turned into work.</summary>
internal static class MachineSpeed
{
    private const int Units = 256, VocabularySize = 64, Rows = 16, Steps = 32;

    private const double Seconds = 0.3;

    /// <summary>Tokens a second that one thread trains a CIFG of 256 units on: of some tenths of a second the best moment, for what
    /// else the machine does comes and goes.</summary>
    public static double TokensPerSecond(TimeProvider time)
    {
        var vocabulary = new Vocabulary([Vocabulary.UnknownToken, .. Enumerable.Range(1, VocabularySize - 1).Select(id => ((char)(0x100 + id)).ToString())], new TextOptions());
        LanguageModel model = LanguageModel.Create(vocabulary, new ModelOptions { Cell = CellKind.Cifg, HiddenSize = Units });
        var optimizer = new Optimizer(new TrainingOptions());
        using var engine = Engine.For(model, new EngineOptions { Rows = Rows, Steps = Steps, Threads = 1, Training = new EngineTraining { Moments = 2 } });
        int[] ids = [.. Enumerable.Range(0, Rows * Steps + 1).Select(i => i * i % VocabularySize)];
        double best = double.PositiveInfinity;
        long started = time.GetTimestamp();
        for (ulong update = 0; update < 3 || time.GetElapsedTime(started).TotalSeconds < Seconds; update++)
        {
            long before = time.GetTimestamp();
            engine.Train(ids.AsSpan(1), ids.AsSpan(0, Rows * Steps), seed: 1, update);
            engine.Update(optimizer.Next(engine.GradientNorm, 0.001));
            best = Math.Min(best, time.GetElapsedTime(before).TotalSeconds);
        }
        return Rows * Steps / best;
    }
}

// An LSTM that learns a text in libtorch for a given time, with the recipe that did best there: Adam, a cosine to zero by the clock,
// dropout above the LSTM, gradients clipped at norm 1, the state carried from window to window. Validation does not count as time.
using System.Diagnostics;
using System.Globalization;
using Unroll.Cli.Arguments;
using static TorchSharp.torch;

namespace Unroll.Cli.Measuring;

/// <summary>Learns, and prints the loss on the text's last tenth at every quarter of the time.</summary>
internal static class Learning
{
    private const int Warmup = 50, Quarters = 4, ValidationSteps = 512;

    /// <summary>Usage: learn TEXT SECONDS HIDDEN BATCH STEPS RATE DROPOUT.</summary>
    public static int Run(string[] words)
    {
        if (words is not [_, string path, string time, string units, string rows, string length, string rate, string dropout])
            throw new UsageException("The rival learns so: learn TEXT SECONDS HIDDEN BATCH STEPS RATE DROPOUT.");
        (int hidden, int batch, int steps) = (Value.Count("HIDDEN", units, 1), Value.Count("BATCH", rows, 1), Value.Count("STEPS", length, 1));
        (double seconds, double peak, double dropped) = (Value.Number("SECONDS", time, 1), Value.Number("RATE", rate, 0), Value.Number("DROPOUT", dropout, 0, 1));
        using Corpus corpus = Corpus.Load(path, options: new CorpusOptions { Validation = 0.1 });
        var configuration = new BenchConfiguration(CellKind.Lstm, corpus.Vocabulary.Count, hidden, Layers: 1, Embedding: 0, batch, steps);
        random.manual_seed(1);
        set_num_threads(Environment.ProcessorCount);
        using var model = new TorchModel(configuration, batch, dropped);
        using optim.Optimizer optimizer = optim.Adam(model.Parameters, peak);
        using var loss = nn.CrossEntropyLoss();
        var learned = new Stopwatch();
        long updates = 0, windows = (corpus.Training.Length - 1) / ((long)batch * steps);
        for (int quarter = 1; quarter <= Quarters; quarter++)
        {
            learned.Start();
            for (; learned.Elapsed.TotalSeconds < seconds * quarter / Quarters; updates++)
            {
                double done = learned.Elapsed.TotalSeconds / seconds;
                foreach (optim.ILearningRateController group in optimizer.ParamGroups)
                    group.LearningRate = peak * Math.Min(1, (updates + 1.0) / Warmup) * (1 + Math.Cos(Math.PI * done)) / 2;
                using var scope = NewDisposeScope();
                (Tensor inputs, Tensor targets) = Window(corpus.Training, batch, steps, updates % windows * steps);
                optimizer.zero_grad();
                loss.call(model.Forward(inputs), targets).backward();
                nn.utils.clip_grad_norm_(model.Parameters, 1);
                optimizer.step();
                if (updates % 10 == 0)
                    GC.Collect();
            }
            learned.Stop();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{learned.Elapsed.TotalSeconds:0} s, {updates} updates, {updates * batch * steps / learned.Elapsed.TotalSeconds:0} tokens/s: {Validate(model, corpus.Validation!):0.0000}"));
        }
        return 0;
    }

    // [T, B] and [T·B]: every row reads on where it was in its part of the text.
    private static (Tensor Inputs, Tensor Targets) Window(TokenIds ids, int batch, int steps, long start)
    {
        long[] inputs = new long[steps * batch], targets = new long[steps * batch];
        int[] row = new int[steps + 1];
        for (int b = 0; b < batch; b++)
        {
            ids.Read((ids.Length - 1) / batch * b + start, row);
            for (int t = 0; t < steps; t++)
                (inputs[t * batch + b], targets[t * batch + b]) = (row[t], row[t + 1]);
        }
        return (tensor(inputs, [steps, batch]), tensor(targets));
    }

    // One stream from the first token to the last.
    private static double Validate(TorchModel model, TokenIds ids)
    {
        using var untracked = no_grad();
        using var loss = nn.CrossEntropyLoss(reduction: nn.Reduction.Sum);
        model.BeginToMeasure();
        double sum = 0;
        for (long start = 0; start < ids.Length - 1; start += ValidationSteps)
        {
            using var scope = NewDisposeScope();
            (Tensor inputs, Tensor targets) = Window(ids, 1, (int)Math.Min(ValidationSteps, ids.Length - 1 - start), start);
            sum += loss.call(model.Forward(inputs), targets).item<float>();
        }
        model.GoOnLearning();
        return sum / (ids.Length - 1);
    }
}

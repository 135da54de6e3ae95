#:project ../../src/Unroll/Unroll.csproj
#:property AssemblyName=Unroll.Rivals
#:property PublishAot=false
// How fast a network learns by the number of different tokens: 65, and 6,400 and 50,000 with the softmax over all of them, over a
// sample, and with an adaptive softmax. In processor time, so that what else the machine does counts little; the networks of a group take turns, update by update,
// and medians are compared. The tokens are drawn as words are distributed (Zipf). The engine alone, without reading and measuring.
//     dotnet run -c Release runs/large-vocabularies/speed.cs -- [SAMPLE] [HEAD] [UPDATES] [no-full]
using Unroll;
using Unroll.Model;
using Unroll.Training;

int sample = Argument(0, 128), head = Argument(1, 256), updates = Argument(2, 60);
bool full = !args.Contains("no-full");
Console.WriteLine("| units | window | V | softmax | distinct | tokens/s | of V = 65 |");
Console.WriteLine("|---:|---|---:|---|---:|---:|---:|");
foreach (int units in (int[])[256, 512])
{
    foreach ((int rows, int steps) in ((int, int)[])[(16, 32), (32, 64)])
    {
        List<Learner> learners = [new(65, 0, 0, units, rows, steps)];
        foreach (int vocabulary in (int[])[6400, 50_000])
        {
            learners.Add(new(vocabulary, 0, head, units, rows, steps));
            learners.Add(new(vocabulary, sample, 0, units, rows, steps));
            if (full)
                learners.Add(new(vocabulary, 0, 0, units, rows, steps));
        }
        for (int update = 0; update < updates; update++)
            foreach (Learner learner in learners)
                // Whoever takes a hundred times as long need not be watched as often.
                if (learner.Softmax != "all" || learner.Vocabulary == 65 || update % 10 == 0)
                    learner.Learn(update);
        foreach (Learner learner in learners)
        {
            Console.WriteLine(FormattableString.Invariant(
                $"| {units} | {rows}×{steps} | {learner.Vocabulary:N0} | {learner.Softmax} | {learner.Distinct} | {learner.Speed:N0} | {learner.Speed / learners[0].Speed:P0} |"));
            learner.Dispose();
        }
    }
}

int Argument(int place, int usual) => args.Length > place && int.TryParse(args[place], out int value) ? value : usual;

internal sealed class Learner : IDisposable
{
    private const int Windows = 64;
    private readonly Engine engine;
    private readonly Optimizer optimizer;
    private readonly int[] text;
    private readonly int tokens, rows;
    private readonly List<double> seconds = [];

    public Learner(int vocabulary, int sample, int head, int units, int rows, int steps)
    {
        (Vocabulary, tokens, this.rows) = (vocabulary, rows * steps, rows);
        Softmax = head > 0 ? $"head of {head}" : sample > 0 ? $"sample of {sample}" : "all";
        string[] names = [Unroll.Vocabulary.UnknownToken, .. Enumerable.Range(0x10000, vocabulary - 1).Select(char.ConvertFromUtf32)];
        var shape = new ModelOptions { Cell = CellKind.Cifg, HiddenSize = units, EmbeddingSize = 128, AdaptiveSoftmax = head };
        var options = new TrainingOptions { Optimizer = OptimizerKind.Adam, Batch = rows, SequenceLength = steps, SoftmaxSample = sample };
        engine = Engine.For(LanguageModel.Create(new Vocabulary(names, new TextOptions()), shape, seed: 1), RunMemory.Trains(options, new RunOptions { Threads = 1 }));
        optimizer = new Optimizer(options);
        double[] sums = new double[vocabulary + 1];
        for (int token = 0; token < vocabulary; token++)
            sums[token + 1] = sums[token] + 1 / (token + 2.7);
        var random = new RandomStream(3, RandomPurpose.Sampling, 0);
        text = [.. Enumerable.Range(0, Windows * tokens + rows).Select(i => Draw(random.Uniform((ulong)i) * sums[^1]))];
        Distinct = text[..tokens].Distinct().Count();

        int Draw(double weight) => Array.BinarySearch(sums, weight) is var place && place >= 0 ? place : ~place - 1;
    }

    public int Vocabulary { get; }

    public string Softmax { get; }

    /// <summary>Different tokens of the first window.</summary>
    public int Distinct { get; }

    public double Speed => tokens / seconds.Order().ElementAt(seconds.Count / 2);

    public void Learn(int update)
    {
        int start = update % Windows * tokens;
        TimeSpan began = Environment.CpuUsage.TotalTime;
        engine.Train(text.AsSpan(start, tokens), text.AsSpan(start + rows, tokens), 1, (ulong)update);
        engine.Update(optimizer.Next(engine.GradientNorm, 0.002));
        seconds.Add((Environment.CpuUsage.TotalTime - began).TotalSeconds);
    }

    public void Dispose() => engine.Dispose();
}

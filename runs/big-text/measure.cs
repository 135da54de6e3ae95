// Reads a text, perhaps trains on it for a moment, and says how long it took and how much memory. One line, tabs between:
// seconds to read, tokens, vocabulary, tokens per second in training (sequential, random), greatest resident memory in MB.
//     dotnet run measure.cs TEXT character|word UPDATES
#:project ../../src/Unroll/Unroll.csproj
using System.Diagnostics;
using System.Globalization;
using Unroll;

bool words = args[1] == "word";
long updates = long.Parse(args[2]);
long start = Stopwatch.GetTimestamp();
using Corpus corpus = Corpus.Load(TextSource.FromPaths([args[0]]), new TextOptions { Tokens = words ? TokenKind.Word : TokenKind.Character });
double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
double[] speeds = [0, 0];
if (updates > 0)
{
    speeds[0] = Train(WindowOrder.Sequential);
    GC.Collect(); // the first model is not to count twice
    speeds[1] = Train(WindowOrder.Random);
}
string peak = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM")).Split(':')[1].Replace("kB", "").Trim();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"{seconds:0.000}\t{corpus.Training.Length}\t{corpus.Vocabulary.Count}\t{speeds[0]:0}\t{speeds[1]:0}\t{double.Parse(peak) / 1024:0}"));

double Train(WindowOrder sampling)
{
    // A softmax over 28,000 words is most of the work, and of the memory: small minibatches.
    var model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = CellKind.Lstm, HiddenSize = words ? 128 : 256, EmbeddingSize = words ? 128 : 0 });
    var options = new TrainingOptions { Batch = words ? 4 : 32, SequenceLength = words ? 32 : 64, WindowOrder = sampling, Updates = updates, LearningRate = 0.1 };
    return new Trainer(model, corpus, options).Run().TokensPerSecond;
}

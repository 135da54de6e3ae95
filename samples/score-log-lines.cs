// Which lines of a log are odd? Trains a small model on lines of ordinary days, then scores new ones: what the model did not
// expect stands out, and where in the line.
//
//   dotnet run samples/score-log-lines.cs                           made-up logs
//   dotnet run samples/score-log-lines.cs -- normal.log today.log   your own
//
// It prints how fast it was: some 45,000 lines a second on two cores of an AMD EPYC (AVX-512), the first call's
// compilation included.
#:project ../src/Unroll/Unroll.csproj

using System.Diagnostics;
using Unroll;

string[] normal = args.Length == 2 ? File.ReadAllLines(args[0]) : [.. Enumerable.Range(0, 4000).Select(Ordinary)];
string[] today = args.Length == 2 ? File.ReadAllLines(args[1]) : [.. Enumerable.Range(4000, 10_000).Select(Ordinary)];
if (args.Length != 2)
{
    today[1234] = "10:17:44 INFO  auth     user 81 logged in from 203.0.113.99 as root";
    today[5678] = "11:31:32 ERROR disk     /dev/sda1: I/O error, sector 81920";
    today[8765] = "12:23:00 INFO  web      GET /../../etc/passwd 200 13 ms";
}

// Some hundred updates are enough: the model need not write logs, only find them ordinary.
using var corpus = Corpus.Load(TextSource.FromString(string.Join('\n', normal)));
var model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = CellKind.Gru, HiddenSize = 64 });
Console.WriteLine($"Learning from {normal.Length:N0} ordinary lines …");
new Trainer(model, corpus, new TrainingOptions { Updates = 400, Batch = 32, SequenceLength = 64, LearningRate = 0.01 }).Run();

using var scorer = new TextScorer(model);
long start = Stopwatch.GetTimestamp();
IReadOnlyList<TextScore> scores = scorer.Score(today);
double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
Console.WriteLine($"{today.Length:N0} lines ({scores.Sum(score => (long)score.Characters):N0} characters) scored in {seconds:F2} s: {today.Length / seconds:N0} lines/s\n");

// The oddest lines; below each, signs where the model was far more surprised than it expected to be.
using var predictor = new TextPredictor(model);
Console.WriteLine("oddness");
foreach (int i in Enumerable.Range(0, today.Length).OrderByDescending(i => scores[i].Oddness).Take(5))
{
    predictor.Reset();
    Console.WriteLine($"{scores[i].Oddness,7:F2}  {today[i]}");
    Console.WriteLine("         " + string.Concat(predictor.Score(today[i])
        .Select(token => new string(((token.Loss - token.Entropy) / Math.Log(2)) switch { >= 8 => '^', >= 4 => '~', _ => ' ' }, token.Text.Length))).TrimEnd());
}

// What an ordinary day's line i looks like.
static string Ordinary(int i)
{
    var random = new Random(i);
    TimeSpan time = TimeSpan.FromSeconds(6 * 3600 + i * 4 % 57_600);
    string what = random.Next(4) switch
    {
        0 => $"INFO  web      GET /{Pick("", "about", "news", "shop/cart", "shop/pay")} 200 {random.Next(5, 90)} ms",
        1 => $"INFO  auth     user {random.Next(100)} logged {Pick("in", "out")}",
        2 => $"DEBUG cache    {random.Next(1000)} entries, {random.Next(60, 100)} % hits",
        _ => $"INFO  mail     sent {random.Next(1, 10)} of {random.Next(10, 20)} messages",
    };
    return $"{time:hh\\:mm\\:ss} {what}";

    string Pick(params string[] choices) => choices[random.Next(choices.Length)];
}

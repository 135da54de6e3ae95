// What do a network's units follow? Reads a text through a model and shows the units that keep track of something: quotations, the
// place in the line, words' beginnings; how its gates stand; and what one prediction hangs on.
//
//   dotnet run samples/inside.cs                                a small model, trained here and now
//   dotnet run samples/inside.cs -- model.safetensors text.txt  your own; of the text the first 20,000 characters
#:project ../src/Unroll/Unroll.csproj

using Unroll;

LanguageModel model = args.Length > 0 ? LanguageModel.Load(args[0]) : Train();
string text = args.Length > 1 ? File.ReadAllText(args[1]) : new string([.. TextSource.Story.Read().SelectMany(piece => piece.ToArray())]);
using var reader = new UnitReader(model);
UnitTrace trace = reader.Read(text[..Math.Min(text.Length, UnitReader.MostTokens)]);
Console.WriteLine($"{trace.Tokens.Count} tokens, {Enumerable.Range(0, trace.Tokens.Count).Average(trace.SurpriseInBits):F2} bits each");

Console.WriteLine("\nUnits whose memory follows something, the best three of each:");
foreach (IGrouping<TextFeature, UnitMatch> feature in UnitFinder.Find(trace, cells: trace.HasCell).GroupBy(match => match.Feature))
    Console.WriteLine($"  {feature.Key,-16}{string.Join("   ", feature.Take(3).Select(match => $"layer {match.Layer} unit {match.Unit}: {match.Correlation:+0.00;-0.00}"))}");

Console.WriteLine("\nGates, shares of all tokens and units:");
foreach (GateShare gate in trace.Gates)
    Console.WriteLine($"  layer {gate.Layer} {gate.Gate,-8} open {gate.Open:P0}, closed {gate.Closed:P0}");

// The most surprising token of the first thousand, and what the model looked at: the longer the gradient there, the darker.
int token = Enumerable.Range(50, Math.Min(950, trace.Tokens.Count - 50)).MaxBy(trace.SurpriseInBits);
IReadOnlyList<float> influence = reader.Influence(trace, token, back: 50);
Console.WriteLine($"\nThe prediction of \"{Shown(token)}\" ({trace.SurpriseInBits(token):F1} bits) hangs on what came before:");
Console.WriteLine("  " + string.Concat(Enumerable.Range(token - 50, 50).Select(Shown)));
Console.WriteLine("  " + string.Concat(influence.Select(length => " .:-=+*#%@"[(int)Math.Min(9, 10 * Math.Sqrt(length / influence.Max()))])));

string Shown(int i) => trace.Tokens[i].Text.Replace('\n', '↵');

static LanguageModel Train()
{
    using var corpus = Corpus.Load(TextSource.Story);
    var model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { HiddenSize = 64 });
    Console.WriteLine("Learning a short story …");
    new Trainer(model, corpus, new TrainingOptions { Epochs = 40, Batch = 16, SequenceLength = 50, LearningRate = 0.01 }).Run();
    return model;
}

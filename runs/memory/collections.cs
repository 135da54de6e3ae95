// Counts the garbage collections of a training: the textbook's network on the built-in story, 50 epochs.
//
//   dotnet run runs/memory/collections.cs
#:project ../../src/Unroll/Unroll.csproj

using Unroll;

using Corpus corpus = Corpus.Load(TextSource.Story, Presets.Textbook.Text, Presets.Textbook.Corpus);
TrainingOptions options = Presets.Textbook.Training with { Epochs = 50 };
LanguageModel model = LanguageModel.Create(corpus.Vocabulary, Presets.Textbook.Model, options.Seed);
var counts = new Counts();
new Trainer(model, corpus, options).Run(counts);
Console.WriteLine($"GC.CollectionCount of generations 0, 1 and 2 {counts.First}, {counts.Last}.");

internal sealed class Counts : IProgress<TrainingReport>
{
    public string? First { get; private set; }

    public string? Last { get; private set; }

    public void Report(TrainingReport report)
    {
        if (First is null || report.Epoch == report.Epochs)
            Last = $"after {report.Update} updates: {GC.CollectionCount(0)}, {GC.CollectionCount(1)}, {GC.CollectionCount(2)}";
        First ??= Last;
    }
}

#:project ../../src/Unroll/Unroll.csproj
#:property TieredPGO=false
// How much of what a model writes stands in the text that it has learned from: shares of runs of 4, 8, 16 and 32 tokens, and the
// longest run, of ten texts of 2,000 tokens for each way to write them. For comparison the same of what the author himself wrote
// next: the last tenth of the text, which the model has not learned from, in pieces of 2,000 characters.
// Usage: dotnet run -c Release runs/generation/copying.cs TEXT MODEL
using Unroll;

const int Length = 2000, Texts = 10;

string text = string.Concat(TextSource.FromPaths([args[0]]).Read().Select(piece => piece.ToString()));
LanguageModel model = LanguageModel.Load(args[1]);
int learned = text.Length - text.Length / 10;
TextSource training = TextSource.FromString(text[..learned]);

Console.WriteLine("| who writes | runs of 4 | of 8 | of 16 | of 32 | longest run, median of the texts | longest of all |");
Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
int apart = (text.Length - learned) / Texts;
Show("the author", [.. Enumerable.Range(0, Texts).Select(i => text.Substring(learned + i * apart, Length))]);
foreach (bool memory in model.HasMemory ? new[] { true, false } : [false])
{
    using var generator = new TextGenerator(memory ? model : model.WithoutMemory());
    foreach (double temperature in new[] { 1, 0.8, 0.5 })
        Write(generator, memory, $"temperature {temperature}", new GenerationOptions { Temperature = temperature });
}

void Write(TextGenerator generator, bool memory, string how, GenerationOptions options)
{
    string[] texts = [.. Enumerable.Range(0, Texts).Select(i => generator.Generate("", options with { Length = Length, Sample = (ulong)i }).Text)];
    Show($"{(memory ? "networks and memory" : "networks alone")}, {how}", texts);
}

void Show(string who, string[] texts)
{
    IReadOnlyList<CopyReport> reports = CopyReport.Of(texts, model.Vocabulary, training);
    IEnumerable<string> shares = Enumerable.Range(0, 4).Select(i => $"{100 * reports.Average(report => report.Shares[i].Share!.Value):0.0} %");
    int[] longest = [.. reports.Select(report => report.LongestTokens).Order()];
    Console.WriteLine(FormattableString.Invariant($"| {who} | {string.Join(" | ", shares)} | {longest[longest.Length / 2]} | {longest[^1]} |"));
}

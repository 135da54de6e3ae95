// `evaluate --per-file`: each text by itself, a row for each, to compare authors, chapters or days.
using Spectre.Console;
using Unroll.Cli.Output;

namespace Unroll.Cli.Evaluating;

/// <summary>Measures texts one after another.</summary>
/// <param name="terminal">Where to.</param>
/// <param name="measure">Measures one; null where there is nothing to measure.</param>
internal sealed class FileReport(Terminal terminal, Func<TextSource, EvaluationResult?> measure)
{
    /// <summary>Writes a row as soon as a text is measured.</summary>
    public void Write(IReadOnlyList<(string Name, TextSource Text)> texts)
    {
        int names = texts.Max(text => VisibleText.Line(text.Name).GetCellWidth());
        terminal.Out.WriteLine($"{Padded("text", names)}  {"tokens",13}  {"unknown",9}  {"loss",8}  {"perplexity",10}  {"bits/character",14}");
        foreach ((string name, TextSource text) in texts)
        {
            EvaluationResult? result = measure(text);
            terminal.Out.WriteLine(Padded(VisibleText.Line(name), names) + (result is null
                ? $"  {"0",13}  nothing to measure: it takes two tokens"
                : $"  {Figures.Count(result.Tokens),13}  {Figures.Count(result.Unknown),9}  {Figures.Precise(result.Loss),8}"
                    + $"  {Figures.Perplexity(result.Perplexity),10}  {Figures.Precise(result.BitsPerCharacter),14}"));
            terminal.Out.Flush();
        }
    }

    /// <summary>The same as one JSON object, when all are measured.</summary>
    public void WriteJson(IReadOnlyList<(string Name, TextSource Text)> texts) => JsonOutput.Write(
        terminal.Out,
        new TextsJson([.. texts.Select(text => new MeasuredTextJson(text.Name, measure(text.Text) is { } result ? WholeText.Json(result) : null))]),
        JsonOutput.Readable.TextsJson);

    private static string Padded(string text, int cells) => text + new string(' ', Math.Max(0, Math.Max(4, cells) - text.GetCellWidth()));
}

using Unroll.Cli.Output;
using Unroll.Runs;

namespace Unroll.Cli.Training;

/// <summary>What came of a run: losses, speed, the model's closing words, and where everything is.</summary>
internal sealed class TrainingOutcome(
    TrainPlan plan, LanguageModel model, Corpus corpus, TrainingResult result, SampleSpeaker speaker)
{
    private readonly IReadOnlyList<SampleJson> samples =
        [.. speaker.ClosingPrefixes.Select(prefix => new SampleJson(prefix, speaker.Speak(prefix, result.Summary.Epochs)))];

    /// <summary>The result for other programs.</summary>
    public TrainJson Json() => new(
        plan.Out, model.Members.Count, model.ParameterCount, model.Vocabulary.Count, result.Summary.Epochs, result.Summary.Updates, result.Summary.Tokens,
        result.Seconds, result.TokensPerSecond,
        new LossJson(JsonOutput.Finite(result.Summary.TrainingLoss), JsonOutput.Finite(Math.Exp(result.Summary.TrainingLoss))),
        Validation(result.Summary.ValidationLoss), Validation(result.Summary.NetworkLoss),
        samples);

    /// <summary>The result for people; the next command to type goes to standard error.</summary>
    public void Write(Terminal terminal)
    {
        var facts = new Facts();
        facts.Say("perplexity", $"{Figures.Perplexity(Math.Exp(result.Summary.TrainingLoss))} in the last epoch of training");
        if (result.Summary.ValidationLoss is double loss)
            facts.Say("validation", Perplexity(loss));
        if (result.Summary.NetworkLoss is double alone)
            facts.Say("one network alone", Perplexity(alone));
        if (result.TokensPerSecond > 0)
        {
            string time = Figures.Time(result.Seconds);
            facts.Say("speed", $"{Figures.Speed(result.TokensPerSecond)} on {Device.Describe(plan.Run.Threads)}; {time} in all");
        }
        foreach (SampleJson sample in samples)
            facts.Say("sample", VisibleText.Line(sample.Prefix + sample.Text));
        facts.Say("model", plan.Out);
        if (plan.Plot != null)
            facts.Say("plot", plan.Plot);
        facts.Write(terminal.Out, terminal.OutWidth);
        terminal.Out.Flush();
        string[] mood = plan.IsTextbook ? [] : ["--temperature", "0.7"];
        terminal.Note($"next: {Invocation.CommandLine("generate", [plan.Out], [.. speaker.Prefix.Length > 0 ? ["--prefix", speaker.Prefix] : Array.Empty<string>(), .. mood])}");
    }

    private string Perplexity(double loss) =>
        $"{Figures.Perplexity(Math.Exp(loss))} perplexity, {Figures.Precise(BitsPerCharacter(loss))} bits per character"
        + (corpus.ValidationBytes == corpus.ValidationCharacters ? "" : $", {Figures.Precise(BitsPerByte(loss))} per byte");

    private ValidationJson? Validation(double? loss) =>
        loss is double measured ? new ValidationJson(measured, JsonOutput.Finite(Math.Exp(measured)), BitsPerCharacter(measured), BitsPerByte(measured)) : null;

    private double BitsPerByte(double loss) => loss / Math.Log(2) * corpus.Validation!.Length / corpus.ValidationBytes;

    private double BitsPerCharacter(double loss) => loss / Math.Log(2) * corpus.Validation!.Length / corpus.ValidationCharacters;
}

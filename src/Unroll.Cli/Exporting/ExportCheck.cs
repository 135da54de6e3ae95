using Unroll.Cli.Output;

namespace Unroll.Cli.Exporting;

/// <summary>What every kind of export says of what became of a model.</summary>
internal static class ExportCheck
{
    /// <summary>Measures a model and what was made of it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="exported">The model as the file has it.</param>
    /// <param name="evaluate">Measures how well a model predicts a text; null = there is none to check by.</param>
    public static CheckJson? Of(LanguageModel model, LanguageModel exported, Func<LanguageModel, EvaluationResult>? evaluate)
    {
        if (evaluate is null)
            return null;
        EvaluationResult whole = evaluate(model);
        return new CheckJson(whole.Tokens, JsonOutput.Finite(whole.Loss), JsonOutput.Finite(evaluate(exported).Loss));
    }

    /// <summary>Adds that a memory is missing.</summary>
    public static void SayLeftOut(Facts facts, long memoryTokens, string because)
    {
        if (memoryTokens > 0)
            facts.Say("left out", $"the memory of counts ({Figures.Count(memoryTokens)} tokens), {because}");
    }

    /// <summary>Adds both losses.</summary>
    public static void SayLoss(Facts facts, CheckJson? check, string file)
    {
        if (check is null)
            return;
        facts.Add("loss", Loss(check.Loss), $"nats per token, of the model, over {Figures.Count(check.Tokens)} tokens");
        facts.Add($"loss of the {file}", Loss(check.ExportedLoss), check is { Loss: double whole, ExportedLoss: double own } ? $"nats per token: {Difference(own - whole)}" : "nats per token");
    }

    private static string Loss(double? loss) => loss is double number ? Figures.Precise(number) : "∞";

    private static string Difference(double more) => FormattableString.Invariant($"{(more < 0 ? "−" : "+")}{Math.Abs(more):0.000000}");
}

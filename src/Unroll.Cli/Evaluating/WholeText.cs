using Unroll.Cli.Output;

namespace Unroll.Cli.Evaluating;

/// <summary>How well a model predicts a text as a whole.</summary>
internal static class WholeText
{
    /// <summary>The figures for other programs.</summary>
    public static EvaluateJson Json(EvaluationResult result) => new(
        result.Tokens, result.Characters, result.Bytes, result.Unknown, JsonOutput.Finite(result.Loss), JsonOutput.Finite(result.Perplexity),
        JsonOutput.Finite(result.BitsPerToken), JsonOutput.Finite(result.BitsPerCharacter), JsonOutput.Finite(result.BitsPerByte),
        result.NetworkLoss is double alone ? JsonOutput.Finite(alone) : null, Speed(result));

    /// <summary>The figures for people.</summary>
    /// <param name="result">The figures.</param>
    /// <param name="terminal">Where to.</param>
    /// <param name="first">Rows before them.</param>
    public static void Write(EvaluationResult result, Terminal terminal, params ReadOnlySpan<(string Name, string Value, string Note)> first)
    {
        var table = new Facts();
        foreach ((string name, string value, string note) in first)
            table.Add(name, value, note);
        table.Add("tokens", Figures.Count(result.Tokens), "predicted");
        table.Add("characters", Figures.Count(result.Characters));
        table.Add("bytes", Figures.Count(result.Bytes), "as UTF-8");
        string share = Figures.Percent((double)result.Unknown / result.Tokens);
        table.Add("unknown", Figures.Count(result.Unknown), result.Unknown == 0 ? "" : $"tokens that the model does not know ({share})");
        table.Add("loss", Figures.Precise(result.Loss), "nats per token");
        if (result.NetworkLoss is double alone)
            table.Add("one network alone", Figures.Precise(alone), "nats per token");
        table.Add("perplexity", Figures.Perplexity(result.Perplexity));
        table.Add("bits per token", Figures.Precise(result.BitsPerToken));
        table.Add("bits per character", Figures.Precise(result.BitsPerCharacter));
        table.Add("bits per byte", Figures.Precise(result.BitsPerByte));
        table.Add("speed", Figures.Count((long)Speed(result)), "tokens per second");
        table.Write(terminal.Out, terminal.OutWidth);
        if (result.UnknownTokens.Count > 0)
        {
            IEnumerable<string> names = result.UnknownTokens.Select(token => $"{VisibleText.Token(token.Token)} ×{Figures.Count(token.Count)}");
            terminal.Out.WriteLine($"unknown tokens, commonest first:  {string.Join("  ", names)}");
        }
    }

    private static double Speed(EvaluationResult result) => result.Seconds > 0 ? result.Tokens / result.Seconds : 0;
}

// What may stand in a session's requests: its model and its text are known, and there is one text to go on with.
using Unroll.Web.Models;

namespace Unroll.Web.Api;

/// <summary>Reads requests to a session.</summary>
internal static class SessionQuery
{
    /// <summary>Reads one for a text that goes on.</summary>
    /// <param name="fields">The request's fields: those of completions that one text needs.</param>
    /// <param name="model">The session's.</param>
    /// <param name="limits">What may be asked for.</param>
    public static TextQuery ToGenerate(JsonFields fields, ServedModel model, ServeOptions limits)
    {
        (bool streams, bool tellsUsage) = SamplingFields.Stream(fields);
        return SamplingFields.Within(
            new TextQuery
            {
                Model = model,
                Prompts = [new Prompt("")],
                Options = SamplingFields.Options(fields, fields.Count("max_tokens", 0, int.MaxValue) ?? CompletionQuery.UsualLength),
                Alternatives = fields.Count("logprobs", 0, CompletionQuery.MostAlternatives),
                Streams = streams,
                TellsUsage = tellsUsage,
                ReturnsState = fields.Flag("return_state"),
            },
            limits, "max_tokens");
    }

    /// <summary>Reads one for a text that is read.</summary>
    /// <inheritdoc cref="ToGenerate"/>
    public static TextQuery ToFeed(JsonFields fields, ServedModel model, ServeOptions limits) => SamplingFields.Within(
        new TextQuery
        {
            Model = model,
            Prompts = [new Prompt(fields.Text("text") ?? throw fields.Mistake("text", "is missing"))],
            Options = new GenerationOptions { Length = 0 },
            ReturnsState = fields.Flag("return_state"),
        },
        limits, "max_tokens", "text");
}

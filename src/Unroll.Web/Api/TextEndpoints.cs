// POST /v1/completions and /v1/chat/completions: texts continued, as OpenAI's clients ask for them.
using Microsoft.AspNetCore.Http;
using Unroll.Web.Models;

namespace Unroll.Web.Api;

/// <summary>Continues texts.</summary>
/// <param name="models">The models there are.</param>
/// <param name="limits">What may be asked for.</param>
/// <param name="clock">What paces streams.</param>
internal sealed class TextEndpoints(ServedModels models, ServeOptions limits, TimeProvider clock)
{
    /// <summary>Answers a request for completions.</summary>
    public Task Complete(HttpContext context) => AnswerAsync(context, CompletionQuery.Read, run => new CompletionAnswer(run));

    /// <summary>Answers a request for chat completions.</summary>
    public Task Chat(HttpContext context) => AnswerAsync(context, ChatQuery.Read, run => new ChatAnswer(run));

    private async Task AnswerAsync(HttpContext context, Func<JsonFields, ServedModels, ServeOptions, TextQuery> read, Func<TextRun, TextAnswer> say)
    {
        TextQuery query = await JsonBody.ReadAsync(context, fields => read(fields, models, limits));
        using TextRun run = TextRun.Start(query, context.RequestAborted);
        await say(run).WriteAsync(context, clock);
    }
}

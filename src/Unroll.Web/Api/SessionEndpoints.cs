// /v1/sessions: texts that the server remembers under names, for clients that come back to them.
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Unroll.Web.Models;
using Unroll.Web.Safety;
using Unroll.Web.Sessions;

namespace Unroll.Web.Api;

/// <summary>Makes sessions, tells of them, and lets them go on.</summary>
/// <param name="models">The models there are.</param>
/// <param name="sessions">The sessions.</param>
/// <param name="limits">What may be asked for.</param>
/// <param name="clock">What paces streams.</param>
internal sealed class SessionEndpoints(ServedModels models, SessionShelf sessions, ServeOptions limits, TimeProvider clock)
{
    /// <summary>Adds them.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        const string All = "/v1/sessions", One = "/v1/sessions/{id}";
        endpoints.MapPost(All, Create);
        endpoints.MapGet(All, List);
        endpoints.MapGet(One, context => WriteAsync(context, sessions.Find(Id(context))));
        endpoints.MapDelete(One, Delete);
        endpoints.MapPost($"{One}/feed", Feed);
        endpoints.MapPost($"{One}/generate", Generate);
        endpoints.MapPost($"{One}/fork", Fork);
    }

    private async Task Create(HttpContext context) => await WriteAsync(context, await JsonBody.ReadAsync(context, fields =>
    {
        ServedModel model = ModelChoice.Of(models, fields.Text("model"));
        (string? id, Bookmark? from) = (fields.Text("id"), StateFields.Bookmark(fields, model));
        fields.End();
        return sessions.Create(model, id, from ?? Bookmark.Beginning);
    }));

    private Task List(HttpContext context)
    {
        SessionJson[] all = [.. sessions.All().Select(SessionJson.Of)];
        return JsonAnswer.WriteAsync(context, new SessionListJson("list", all, all.Sum(session => session.Bytes), limits.MostSessions), ApiJson.Readable.SessionListJson);
    }

    private Task Delete(HttpContext context)
    {
        sessions.Delete(Id(context));
        return JsonAnswer.WriteAsync(context, new SessionDeletedJson(Id(context), "session.deleted", true), ApiJson.Readable.SessionDeletedJson);
    }

    private async Task Fork(HttpContext context) => await WriteAsync(context, await JsonBody.ReadAsync(context, fields =>
    {
        string? id = fields.Text("id");
        fields.End();
        Session parent = sessions.Enter(Id(context));
        try
        {
            return sessions.Create(parent.Model, id, parent.Bookmark);
        }
        finally
        {
            sessions.Leave(parent, null);
        }
    }));

    private async Task Feed(HttpContext context)
    {
        ServedModel model = sessions.Find(Id(context)).Model;
        TextQuery query = await JsonBody.ReadAsync(context, fields => SessionQuery.ToFeed(fields, model, limits));
        Session session = sessions.Enter(Id(context));
        using TextRun run = Start(query, session, context);
        await run.WholeAsync(context.RequestAborted);
        await WriteAsync(context, session, query.ReturnsState);
    }

    private async Task Generate(HttpContext context)
    {
        ServedModel model = sessions.Find(Id(context)).Model;
        TextQuery query = await JsonBody.ReadAsync(context, fields => SessionQuery.ToGenerate(fields, model, limits));
        using TextRun run = Start(query, sessions.Enter(Id(context)), context);
        await new CompletionAnswer(run).WriteAsync(context, clock);
    }

    // The session is left when its text ends, however it ends, and before anybody hears of it: who has an answer may ask again at once.
    private TextRun Start(TextQuery query, Session session, HttpContext context)
    {
        try
        {
            return TextRun.Start(query with { From = session.Bookmark, Keep = bookmark => Task.Run(() => sessions.Leave(session, bookmark)) }, context.RequestAborted);
        }
        catch
        {
            sessions.Leave(session, null);
            throw;
        }
    }

    private static Task WriteAsync(HttpContext context, Session session, bool returnsState = false) => JsonAnswer.WriteAsync(
        context, SessionJson.Of(session) with { State = returnsState ? StateFields.Text(session.Bookmark, session.Model) : null }, ApiJson.Readable.SessionJson);

    private static string Id(HttpContext context) => (string)context.GetRouteValue("id")!;
}

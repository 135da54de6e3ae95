// GET /v1/models and /v1/models/{id}: which models there are.
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Unroll.Web.Models;

namespace Unroll.Web.Api;

/// <summary>A model, as OpenAI's clients read it.</summary>
/// <param name="Created">When its file was made, in seconds since 1970.</param>
internal sealed record ModelJson(string Id, string Object, long Created, string OwnedBy)
{
    /// <summary>Of a model on the shelf.</summary>
    public static ModelJson Of(ServedModel model) => new(model.Id, "model", model.Created.ToUnixTimeSeconds(), "unroll");
}

/// <summary>All models.</summary>
internal sealed record ModelListJson(string Object, IReadOnlyList<ModelJson> Data);

/// <summary>Tells of the models.</summary>
internal sealed class ModelEndpoints(ServedModels models)
{
    /// <summary>All of them.</summary>
    public Task List(HttpContext context) =>
        JsonAnswer.WriteAsync(context, new ModelListJson("list", [.. models.All.Select(ModelJson.Of)]), ApiJson.Readable.ModelListJson);

    /// <summary>The one that the path names.</summary>
    public Task Show(HttpContext context) =>
        JsonAnswer.WriteAsync(context, ModelJson.Of(ModelChoice.Of(models, (string?)context.GetRouteValue("id"))), ApiJson.Readable.ModelJson);
}

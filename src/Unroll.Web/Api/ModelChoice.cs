using Unroll.Web.Models;
using Unroll.Web.Safety;

namespace Unroll.Web.Api;

/// <summary>Finds the model that a request means.</summary>
internal static class ModelChoice
{
    /// <summary>The one of a name; where none is given, the only one.</summary>
    /// <exception cref="Refusal">There is none of that name, or none is named and there are several.</exception>
    public static ServedModel Of(ServedModels models, string? id)
    {
        string all = string.Join(", ", models.All.Select(model => model.Id));
        if (id is not null)
            return models.Find(id) ?? throw new Refusal(404, "model_not_found", $"There is no model '{id}' here; there is {all}.") { Field = "model" };
        return models.All.Count == 1 ? models.All[0] : throw Refusal.OfField("model", $"Which model is meant? There are {all}.");
    }
}

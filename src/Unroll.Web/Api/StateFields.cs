// The fields "state" and "return_state": a text goes on where another request has left it, and the server need not remember it.
using Unroll.Web.Models;
using Unroll.Web.Safety;
using Unroll.Web.Sessions;

namespace Unroll.Web.Api;

/// <summary>Reads and writes bookmarks as clients hold them: in base64.</summary>
internal static class StateFields
{
    /// <summary>Adds what a request says of states.</summary>
    /// <param name="fields">The request.</param>
    /// <param name="query">What else it says.</param>
    public static TextQuery Read(JsonFields fields, TextQuery query)
    {
        Bookmark? from = Bookmark(fields, query.Model);
        bool returns = fields.Flag("return_state");
        string? field = from is not null ? "state" : returns ? "return_state" : null;
        if (field is not null && (query.Prompts.Count > 1 || query.Tried > 1))
            throw fields.Mistake(field, "goes with one prompt and one text: leave out n and best_of, and ask once for each prompt");
        return query with { From = from, ReturnsState = returns };
    }

    /// <summary>The bookmark that a request goes on from; null where it names none.</summary>
    public static Bookmark? Bookmark(JsonFields fields, ServedModel model)
    {
        if (fields.Text("state") is not { } text)
            return null;
        byte[] bytes = new byte[text.Length / 4 * 3 + 3];
        if (!Convert.TryFromBase64String(text, bytes, out int length))
            throw fields.Mistake("state", "must be what an earlier answer has under \"state\"");
        try
        {
            return BookmarkBytes.Read(bytes[..length], model);
        }
        catch (UnrollException wrong)
        {
            throw new Refusal(400, "invalid_state", $"{fields.NameOf("state")} {wrong.Message}: send what an answer of the same model has under \"state\".") { Field = fields.NameOf("state") };
        }
    }

    /// <summary>The bookmark after a text.</summary>
    /// <exception cref="Refusal">The model has come to no number.</exception>
    public static string Text(Bookmark bookmark, ServedModel model) => bookmark.IsFinite
        ? Convert.ToBase64String(BookmarkBytes.Write(bookmark, model))
        : throw new Refusal(400, "state_not_finite", "After this text the model's state holds numbers that are none: nothing can go on from it.");
}

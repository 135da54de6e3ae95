using System.Text.Json.Serialization;
using Unroll.Web.Sessions;

namespace Unroll.Web.Api;

/// <summary>A session.</summary>
/// <param name="Tokens">How many its text has.</param>
/// <param name="Bytes">What the server remembers of it.</param>
/// <param name="Created">When it was made, in seconds since 1970.</param>
/// <param name="LastUsed">When it was used last.</param>
/// <param name="Busy">Whether a request uses it.</param>
/// <param name="State">Where its text stands, if that is wanted.</param>
internal sealed record SessionJson(
    string Id, string Object, string Model, long Tokens, long Bytes, long Created, long LastUsed, bool Busy,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? State = null)
{
    /// <summary>Of a session as it is.</summary>
    public static SessionJson Of(Session session) => new(
        session.Id, "session", session.Model.Id, session.Bookmark.Tokens, session.Bytes, session.Created.ToUnixTimeSeconds(), session.LastUsed.ToUnixTimeSeconds(), session.IsBusy);
}

/// <summary>All sessions.</summary>
/// <param name="Bytes">What the server remembers of them all.</param>
/// <param name="Most">How many there may be.</param>
internal sealed record SessionListJson(string Object, IReadOnlyList<SessionJson> Data, long Bytes, int Most);

/// <summary>A session that is no more.</summary>
internal sealed record SessionDeletedJson(string Id, string Object, bool Deleted);

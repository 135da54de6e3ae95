using System.Security.Cryptography;
using Unroll.Web.Models;

namespace Unroll.Web.Sessions;

/// <summary>A text that the server remembers for somebody, under a name. The shelf's to change, and while it is in use its user's.</summary>
internal sealed class Session
{
    private const int Digits = 24, MostLetters = 64;

    /// <param name="id">What clients call it.</param>
    /// <param name="model">Whose text it is.</param>
    /// <param name="created">When it was made.</param>
    public Session(string id, ServedModel model, DateTimeOffset created)
    {
        (Id, Model, Created, LastUsed) = (id, model, created, created);
        FileName = NewName();
    }

    /// <summary>What clients call it.</summary>
    public string Id { get; }

    /// <summary>Whose text it is.</summary>
    public ServedModel Model { get; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>When it was used last.</summary>
    public DateTimeOffset LastUsed { get; set; }

    /// <summary>Where its text stands.</summary>
    public Bookmark Bookmark { get; set; } = Bookmark.Beginning;

    /// <summary>The name of its file, where it is kept in one: the server's choice, whatever clients call the session.</summary>
    public string FileName { get; init; }

    /// <summary>Whether somebody uses it.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Bytes of what is remembered.</summary>
    public long Bytes => Bookmark.State?.Bytes ?? 0;

    /// <summary>A name that no other session has.</summary>
    public static string NewId() => $"sess_{NewName()}";

    /// <summary>Whether a session may be called so: 1 to 64 letters, digits, dots, hyphens and underscores of ASCII.</summary>
    public static bool IsId(string text) => text.Length is > 0 and <= MostLetters && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

    private static string NewName() => RandomNumberGenerator.GetHexString(Digits, lowercase: true);
}

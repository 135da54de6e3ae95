// Sessions that outlive the server: a file for each, replaced as a whole whenever its session has changed, so that what was answered is
// there again after a crash, too. A line of JSON, then the bookmark's bytes.
using System.Text.Json;
using Unroll.Files;
using Unroll.Web.Models;

namespace Unroll.Web.Sessions;

/// <summary>A folder of sessions' files, for one server at a time.</summary>
internal sealed class SessionFolder : IDisposable
{
    private const string Extension = ".session", LockName = "in-use";
    private const int MostHeader = 512;

    private static readonly JsonDocumentOptions Strictly = new() { AllowDuplicateProperties = false, MaxDepth = 2 };

    private readonly string path;
    private readonly FileStream locked;

    /// <summary>Opens the folder, and makes it where there is none.</summary>
    /// <exception cref="UnrollException">It cannot be had, or another server has it.</exception>
    public SessionFolder(string path)
    {
        this.path = path;
        try
        {
            Make(path);
            locked = new FileStream(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UnrollException($"The folder \"{path}\" cannot be used for sessions ({exception.Message.TrimEnd('.')}): name one that may be written, and that no other server uses.", exception);
        }
    }

    /// <summary>Reads the sessions of these models. Those of other models are left where they are: their model may be served again.</summary>
    /// <param name="models">The models.</param>
    /// <param name="oldest">Files of sessions that nobody has used since are deleted.</param>
    /// <exception cref="UnrollException">A file cannot be read, or is damaged.</exception>
    public IReadOnlyList<Session> Load(ServedModels models, DateTimeOffset oldest)
    {
        var sessions = new List<Session>();
        foreach (string file in Directory.EnumerateFiles(path, $"*{Extension}").Order(StringComparer.Ordinal))
        {
            try
            {
                if (!Read(file, models, oldest, sessions))
                    File.Delete(file);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or UnrollException)
            {
                throw new UnrollException($"The session in \"{file}\" cannot be read ({exception.Message.TrimEnd('.')}): delete the file, or name another folder.", exception);
            }
        }
        return sessions;
    }

    /// <summary>Writes a session.</summary>
    /// <exception cref="UnrollException">It cannot be written; the old file is as it was.</exception>
    public void Save(Session session)
    {
        var head = new SessionHead(session.Id, session.Created.ToUnixTimeSeconds(), session.LastUsed.ToUnixTimeSeconds());
        byte[] bookmark = BookmarkBytes.Write(session.Bookmark, session.Model);
        AtomicFile.Write(PathOf(session), stream =>
        {
            stream.Write(JsonSerializer.SerializeToUtf8Bytes(head, SessionContext.Default.SessionHead));
            stream.WriteByte((byte)'\n');
            stream.Write(bookmark);
        });
    }

    /// <summary>Deletes a session's file.</summary>
    public void Delete(Session session) => File.Delete(PathOf(session));

    /// <inheritdoc/>
    public void Dispose() => locked.Dispose();

    // What texts are about is nobody else's business.
    private static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string PathOf(Session session) => Path.Combine(path, session.FileName + Extension);

    // Whether the file is to stay.
    private static bool Read(string file, ServedModels models, DateTimeOffset oldest, List<Session> sessions)
    {
        using FileStream stream = File.OpenRead(file);
        Span<byte> begins = stackalloc byte[MostHeader];
        begins = begins[..stream.ReadAtLeast(begins, MostHeader, throwOnEndOfStream: false)];
        int line = begins.IndexOf((byte)'\n');
        if (line < 0)
            throw new UnrollException("it is no session's file");
        SessionHead head = Head(begins[..line]);
        DateTimeOffset lastUsed = DateTimeOffset.FromUnixTimeSeconds(head.LastUsed);
        if (lastUsed < oldest)
            return false;
        byte[] fingerprinted = begins[(line + 1)..].ToArray();
        if (models.All.FirstOrDefault(model => BookmarkBytes.IsOf(fingerprinted, model)) is not { } model)
            return true;
        if (sessions.Exists(session => session.Id == head.Id))
            throw new UnrollException($"there are two called {head.Id}");
        if (stream.Length - line - 1 > BookmarkBytes.LengthFor(model))
            throw new UnrollException("it is too long");
        byte[] bytes = new byte[stream.Length - line - 1];
        stream.Position = line + 1;
        stream.ReadExactly(bytes);
        sessions.Add(new Session(head.Id, model, DateTimeOffset.FromUnixTimeSeconds(head.Created))
        {
            LastUsed = lastUsed,
            FileName = Path.GetFileNameWithoutExtension(file),
            Bookmark = ReadBookmark(bytes, model),
        });
        return true;
    }

    private static Bookmark ReadBookmark(byte[] bytes, ServedModel model)
    {
        try
        {
            return BookmarkBytes.Read(bytes, model);
        }
        catch (UnrollException wrong)
        {
            throw new UnrollException($"its state {wrong.Message}", wrong);
        }
    }

    private static SessionHead Head(ReadOnlySpan<byte> line)
    {
        using JsonDocument json = JsonDocument.Parse(line.ToArray(), Strictly);
        SessionHead? head = json.Deserialize(SessionContext.Default.SessionHead);
        return head is { Id: not null } && Session.IsId(head.Id) && IsTime(head.Created) && IsTime(head.LastUsed) ? head : throw new UnrollException("it is no session's file");
    }

    private static bool IsTime(long seconds) => seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
}

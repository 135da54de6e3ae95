// All sessions, bounded in number and in time. One request at a time has a session; whoever comes meanwhile is told so, because two texts
// that go on at once from one place would each overwrite what the other has come to.
using Unroll.Web.Models;
using Unroll.Web.Safety;

namespace Unroll.Web.Sessions;

/// <summary>Keeps sessions. Any thread may ask.</summary>
internal sealed class SessionShelf : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly object gate = new();
    private readonly Dictionary<string, Session> sessions = new(StringComparer.Ordinal); // under the gate
    private readonly ServeOptions options;
    private readonly TimeProvider clock;
    private readonly SessionFolder? folder;
    private TaskCompletionSource? idle; // under the gate: somebody waits until none is in use

    /// <summary>Takes up the sessions that an earlier server has left, where they are kept.</summary>
    /// <param name="options">How many there may be, for how long, and where they are kept.</param>
    /// <param name="models">The models they may be of.</param>
    /// <param name="clock">What their age is told by.</param>
    /// <exception cref="UnrollException">They cannot be read.</exception>
    public SessionShelf(ServeOptions options, ServedModels models, TimeProvider clock)
    {
        (this.options, this.clock) = (options, clock);
        if (options.Sessions is null)
            return;
        folder = new SessionFolder(options.Sessions);
        try
        {
            foreach (Session session in folder.Load(models, Now - options.SessionExpiry))
                sessions.Add(session.Id, session);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => All().Count;

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>All of them, by their names.</summary>
    public IReadOnlyList<Session> All()
    {
        lock (gate)
        {
            Expire();
            return [.. sessions.Values.OrderBy(session => session.Id, StringComparer.Ordinal)];
        }
    }

    /// <summary>The one of a name.</summary>
    /// <exception cref="Refusal">There is none.</exception>
    public Session Find(string id)
    {
        lock (gate)
        {
            Expire();
            return sessions.TryGetValue(id, out Session? session) ? session
                : throw new Refusal(404, "session_not_found", $"There is no session '{id}' here; one that nobody has used for {options.SessionExpiry} is forgotten.");
        }
    }

    /// <summary>Makes one.</summary>
    /// <param name="model">Whose text.</param>
    /// <param name="id">Its name; null = a new one is found.</param>
    /// <param name="bookmark">Where its text stands.</param>
    /// <exception cref="Refusal">The name is taken, or is none, or there are as many sessions as may be.</exception>
    public Session Create(ServedModel model, string? id, Bookmark bookmark)
    {
        if (id is not null && !Session.IsId(id))
            throw Refusal.OfField("id", "id must be 1 to 64 letters, digits, dots, hyphens and underscores.");
        var session = new Session(id ?? Session.NewId(), model, Now) { IsBusy = true };
        lock (gate)
        {
            Expire();
            if (sessions.Count >= options.MostSessions)
                throw new Refusal(429, "too_many_sessions", $"There are {options.MostSessions} sessions, as many as this server keeps: delete one, or try again later.") { RetryAfter = UntilOneExpires() };
            if (!sessions.TryAdd(session.Id, session))
                throw new Refusal(409, "session_exists", $"There is a session '{id}' already: choose another name, or leave it out.") { Field = "id" };
        }
        bool kept = false;
        try
        {
            Leave(session, bookmark);
            kept = true;
        }
        finally
        {
            if (!kept)
                lock (gate)
                    sessions.Remove(session.Id);
        }
        return session;
    }

    /// <summary>Takes a session for oneself, until one leaves it.</summary>
    /// <exception cref="Refusal">There is none, or somebody else has it.</exception>
    public Session Enter(string id)
    {
        lock (gate)
        {
            Session session = Find(id);
            if (session.IsBusy)
                throw new Refusal(409, "session_busy", $"Another request uses the session '{id}': wait for its answer.");
            session.IsBusy = true;
            return session;
        }
    }

    /// <summary>Leaves a session to others.</summary>
    /// <param name="session">Which.</param>
    /// <param name="bookmark">Where its text stands now; null = where it stood.</param>
    /// <exception cref="UnrollException">It cannot be written into its file; the session goes on from there all the same.</exception>
    public void Leave(Session session, Bookmark? bookmark)
    {
        try
        {
            if (bookmark is not { IsFinite: true })
                return;
            (session.Bookmark, session.LastUsed) = (bookmark, Now);
            folder?.Save(session);
        }
        finally
        {
            lock (gate)
            {
                session.IsBusy = false;
                TellIdle();
            }
        }
    }

    /// <summary>Forgets a session.</summary>
    /// <exception cref="Refusal">There is none, or somebody has it.</exception>
    public void Delete(string id)
    {
        Session session = Enter(id);
        lock (gate)
            Forget(session);
    }

    /// <summary>Waits until nobody uses a session: the texts have ended, and are being put away.</summary>
    public async Task WhenIdleAsync()
    {
        Task none;
        lock (gate)
        {
            idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            TellIdle();
            none = idle.Task;
        }
        await Task.WhenAny(none, Task.Delay(Patience));
    }

    /// <inheritdoc/>
    public void Dispose() => folder?.Dispose();

    private void Expire()
    {
        DateTimeOffset oldest = Now - options.SessionExpiry;
        foreach (Session session in sessions.Values.Where(session => !session.IsBusy && session.LastUsed < oldest).ToArray())
            Forget(session);
    }

    private void Forget(Session session)
    {
        sessions.Remove(session.Id);
        folder?.Delete(session);
        TellIdle();
    }

    private int UntilOneExpires() => (int)Math.Clamp(
        (sessions.Values.Min(session => session.LastUsed) + options.SessionExpiry - Now).TotalSeconds, 1, Patience.TotalSeconds);

    private void TellIdle()
    {
        if (sessions.Values.All(session => !session.IsBusy))
            idle?.TrySetResult();
    }
}

namespace Unroll.Web.Safety;

/// <summary>Counts the requests that are inside, and can be closed: nobody comes in then, and one can wait for the last to leave.</summary>
internal sealed class Door
{
    private readonly object gate = new();
    private readonly TaskCompletionSource empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int inside; // under the gate
    private bool closed; // under the gate

    /// <summary>Whether it is closed.</summary>
    public bool IsClosed
    {
        get
        {
            lock (gate)
                return closed;
        }
    }

    /// <summary>Lets a request in.</summary>
    /// <returns>Whether it is in, and must <see cref="Leave"/>.</returns>
    public bool TryEnter()
    {
        lock (gate)
        {
            if (closed)
                return false;
            inside++;
            return true;
        }
    }

    /// <summary>Says that a request is done.</summary>
    public void Leave()
    {
        lock (gate)
        {
            inside--;
            Tell();
        }
    }

    /// <summary>Closes it.</summary>
    /// <returns>Ends when nobody is inside any more.</returns>
    public Task CloseAsync()
    {
        lock (gate)
        {
            closed = true;
            Tell();
        }
        return empty.Task;
    }

    private void Tell()
    {
        if (closed && inside == 0)
            empty.TrySetResult();
    }
}

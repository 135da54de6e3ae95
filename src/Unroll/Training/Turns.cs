namespace Unroll.Training;

/// <summary>Lets so many of several threads work at a time; those that wait come in their order.</summary>
internal sealed class Turns(int atATime)
{
    private readonly object gate = new();
    private readonly Queue<object> waiting = new();
    private int free = atATime;

    /// <summary>Waits for a turn.</summary>
    public void Take()
    {
        lock (gate)
        {
            var me = new object();
            waiting.Enqueue(me);
            while (free == 0 || waiting.Peek() != me)
                Monitor.Wait(gate);
            waiting.Dequeue();
            free--;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Ends a turn.</summary>
    public void End()
    {
        lock (gate)
        {
            free++;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Lets the next one come, if anybody waits, and waits for another turn.</summary>
    public void Pass()
    {
        lock (gate)
        {
            if (waiting.Count == 0)
                return;
        }
        End();
        Take();
    }
}

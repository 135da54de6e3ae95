namespace Unroll.Extensions.AI;

/// <summary>The states after answers, by the answers' names: what a conversation goes on from. Nothing changes a state that is kept, so
/// one answer can be gone on from in several ways, by several callers at once.</summary>
/// <param name="most">How many are kept; of too many those go that nobody has used for longest.</param>
internal sealed class Conversations(int most)
{
    private readonly Dictionary<string, LinkedListNode<(string Id, RecurrentState State)>> states = []; // under the lock
    private readonly LinkedList<(string Id, RecurrentState State)> uses = new(); // the latest used first

    /// <summary>Whether any are kept.</summary>
    public bool AreKept => most > 0;

    /// <summary>The state after an answer.</summary>
    /// <exception cref="UnrollException">It is not kept.</exception>
    public RecurrentState Find(string id)
    {
        lock (states)
        {
            if (!states.TryGetValue(id, out LinkedListNode<(string Id, RecurrentState State)>? node))
                throw new UnrollException(
                    $"There is no conversation \"{id}\" here, or no longer: of the last {most} answers each can be gone on from. Send all messages again, without a {nameof(Microsoft.Extensions.AI.ChatOptions.ConversationId)}.");
            uses.Remove(node);
            uses.AddFirst(node);
            return node.Value.State;
        }
    }

    /// <summary>Keeps the state after an answer.</summary>
    public void Add(string id, RecurrentState state)
    {
        lock (states)
        {
            states.Add(id, uses.AddFirst((id, state)));
            if (states.Count <= most)
                return;
            states.Remove(uses.Last!.Value.Id);
            uses.RemoveLast();
        }
    }
}

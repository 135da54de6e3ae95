namespace Unroll.Extensions.AI;

/// <summary>The states after answers, by the answers' names: what a conversation goes on from. Nothing changes a state that is kept, so
/// one answer can be gone on from in several ways, by several callers at once.</summary>
/// <param name="most">How many are kept; of too many those go that nobody has used for longest.</param>
internal sealed class Conversations(int most)
{
    private readonly Dictionary<string, LinkedListNode<(string Id, Place Place)>> places = []; // under the lock
    private readonly LinkedList<(string Id, Place Place)> uses = new(); // the latest used first

    /// <summary>Whether any are kept.</summary>
    public bool AreKept => most > 0;

    /// <summary>Where an answer ended.</summary>
    /// <exception cref="UnrollException">It is not kept.</exception>
    public Place Find(string id)
    {
        lock (places)
        {
            if (!places.TryGetValue(id, out LinkedListNode<(string Id, Place Place)>? node))
                throw new UnrollException(
                    $"There is no conversation \"{id}\" here, or no longer: of the last {most} answers each can be gone on from. Send all messages again, without a {nameof(Microsoft.Extensions.AI.ChatOptions.ConversationId)}.");
            uses.Remove(node);
            uses.AddFirst(node);
            return node.Value.Place;
        }
    }

    /// <summary>Keeps the place where an answer ended.</summary>
    public void Add(string id, Place place)
    {
        lock (places)
        {
            places.Add(id, uses.AddFirst((id, place)));
            if (places.Count <= most)
                return;
            places.Remove(uses.Last!.Value.Id);
            uses.RemoveLast();
        }
    }
}

/// <summary>Where a text goes on.</summary>
/// <param name="State">The state there; nobody changes it.</param>
/// <param name="InLine">Whether the line has begun.</param>
internal sealed record Place(RecurrentState State, bool InLine);

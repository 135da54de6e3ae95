// States remembered by what was read: a tree whose edges are stretches of tokens and whose nodes are where a state is kept or texts
// part. A recurrent state cannot be cut shorter as a cache of keys and values can, so only what is kept at a place is of use there.
namespace Unroll.Generation;

/// <summary>Finds the state after the longest beginning of a text that has been read before. Bounded in bytes; of too many states
/// those go that nobody has used for longest. Not for several threads at once.</summary>
/// <param name="mostBytes">The bound.</param>
internal sealed class StateTrie(long mostBytes)
{
    // What a node and its table of children take beside states and tokens, about.
    private const int NodeBytes = 256;

    private readonly Node root = new([], null);
    private readonly LinkedList<Node> uses = new(); // nodes with states, the latest used first

    /// <summary>States kept.</summary>
    public int Count => uses.Count;

    /// <summary>Bytes taken, about.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether it is bound to keep nothing.</summary>
    public bool KeepsNothing => mostBytes == 0;

    /// <summary>The state after the longest beginning that is known.</summary>
    /// <param name="ids">The text.</param>
    /// <returns>How many tokens the state has behind it, and the state, which stays the trie's; null where there is none.</returns>
    public (int Length, RecurrentState State)? Longest(ReadOnlySpan<int> ids)
    {
        (Node node, int length, Node? best, int bestLength) = (root, 0, null, 0);
        while (node.Children.Count > 0 && length < ids.Length
            && node.Children.TryGetValue(ids[length], out Node? child) && ids[length..].StartsWith(child.Edge))
        {
            (node, length) = (child, length + child.Edge.Length);
            if (node.State is not null)
                (best, bestLength) = (node, length);
        }
        if (best is null)
            return null;
        Touch(best);
        return (bestLength, best.State!);
    }

    /// <summary>Remembers a state.</summary>
    /// <param name="ids">What it has behind it, one token at least.</param>
    /// <param name="state">The state; it is copied, unless it is known already.</param>
    public void Add(ReadOnlySpan<int> ids, RecurrentState state)
    {
        if (KeepsNothing)
            return;
        Node node = Place(ids);
        if (node.State is null)
        {
            node.State = state.Clone();
            node.Use = uses.AddFirst(node);
            Bytes += state.Bytes;
        }
        Touch(node);
        while (Bytes > mostBytes && uses.Last is { } oldest)
            Forget(oldest.Value);
    }

    private void Touch(Node node)
    {
        uses.Remove(node.Use!);
        uses.AddFirst(node.Use!);
    }

    // The node at the end of a text; made if there is none, in the middle of an edge if need be.
    private Node Place(ReadOnlySpan<int> ids)
    {
        Node node = root;
        while (!ids.IsEmpty)
        {
            if (!node.Children.TryGetValue(ids[0], out Node? child))
                return Attach(new Node(ids.ToArray(), node));
            int common = ids.CommonPrefixLength(child.Edge);
            if (common < child.Edge.Length)
                child = Split(child, common);
            node = child;
            ids = ids[common..];
        }
        return node;
    }

    private Node Split(Node child, int at)
    {
        Node parent = Detach(child), middle = Attach(new Node(child.Edge[..at], parent));
        (child.Edge, child.Parent) = (child.Edge[at..], middle);
        Attach(child);
        return middle;
    }

    private void Forget(Node node)
    {
        uses.Remove(node.Use!);
        Bytes -= node.State!.Bytes;
        (node.State, node.Use) = (null, null);
        while (node.Parent is not null && node.State is null && node.Children.Count == 0)
            node = Detach(node);
        if (node.Parent is null || node.State is not null || node.Children.Count > 1)
            return;
        // Nothing is kept where no texts part: the two edges become one.
        Node child = node.Children.Values.First(), parent = Detach(node);
        Detach(child);
        (child.Edge, child.Parent) = ([.. node.Edge, .. child.Edge], parent);
        Attach(child);
    }

    private Node Attach(Node node)
    {
        node.Parent!.Children.Add(node.Edge[0], node);
        Bytes += NodeBytes + sizeof(int) * node.Edge.Length;
        return node;
    }

    private Node Detach(Node node)
    {
        node.Parent!.Children.Remove(node.Edge[0]);
        Bytes -= NodeBytes + sizeof(int) * node.Edge.Length;
        return node.Parent;
    }

    private sealed class Node(int[] edge, Node? parent)
    {
        public int[] Edge { get; set; } = edge; // the tokens from the parent to here

        public Node? Parent { get; set; } = parent;

        public Dictionary<int, Node> Children { get; } = [];

        public RecurrentState? State { get; set; }

        public LinkedListNode<Node>? Use { get; set; }
    }
}

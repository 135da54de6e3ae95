// Every run of tokens of a text in an automaton of at most twice as many states (Blumer et al. 1985). Another text, however long,
// is read through it once, token by token, and afterwards each place of the first one knows how far back from it the two agree.
namespace Unroll.Generation;

/// <summary>Finds which parts of a text stand in another text.</summary>
internal sealed class SuffixAutomaton
{
    private const int Root = 0, None = -1;

    private readonly int textLength;
    private readonly int[] prefixes; // [n]: the state of each beginning of the text
    private readonly int[] length, link; // of states: the longest run that leads there; where the next shorter runs lead
    private readonly int[] longest; // of states: of its runs, the longest that was read in the other text; 0 for none
    private readonly int[] arcs; // of states: the first arc
    private readonly (int Token, int Next)[] siblings; // of arcs: the token, and the next arc from the same state
    private readonly (int State, int Token, int Target)[] table; // of arcs, by state and token
    private int states = 1, arcCount, state, matched;

    /// <summary>Takes the text whose parts are looked for.</summary>
    /// <param name="text">Its tokens; one below zero agrees with nothing.</param>
    public SuffixAutomaton(ReadOnlySpan<int> text)
    {
        textLength = text.Length;
        prefixes = new int[textLength];
        int most = checked(2 * textLength + 1);
        (length, link, longest, arcs) = (new int[most], new int[most], new int[most], new int[most]);
        Array.Fill(arcs, None);
        siblings = new (int, int)[checked(3 * textLength + 1)];
        table = new (int, int, int)[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(2 * siblings.Length))];
        Array.Fill(table, (None, 0, 0));
        link[Root] = None;
        int last = Root;
        for (int i = 0; i < textLength; i++)
            prefixes[i] = last = Extend(last, text[i]);
    }

    /// <summary>Reads on in the other text.</summary>
    public void Read(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            int next;
            while ((next = Follow(state, token)) == None && state != Root)
                (state, matched) = (link[state], length[link[state]]);
            if (next == None)
                continue;
            (state, matched) = (next, matched + 1);
            longest[state] = Math.Max(longest[state], matched);
        }
    }

    /// <summary>How long the run is that ends with each token of the text and stands in what has been read; 0 where not even the
    /// token does.</summary>
    public int[] Agreements()
    {
        // Whoever has read a run has read its ends too: from the longest states to the shortest.
        int[] order = ByLength();
        for (int i = order.Length - 1; i > 0; i--)
        {
            int shorter = link[order[i]];
            if (longest[order[i]] > 0 && shorter != Root)
                longest[shorter] = length[shorter];
        }
        int[] found = new int[states];
        foreach (int each in order)
            found[each] = each == Root ? 0 : longest[each] > 0 ? longest[each] : found[link[each]];
        return [.. prefixes.Select(prefix => found[prefix])];
    }

    // States in the order of their longest runs, by counting.
    private int[] ByLength()
    {
        int[] starts = new int[textLength + 2];
        for (int i = 0; i < states; i++)
            starts[length[i] + 1]++;
        for (int i = 1; i < starts.Length; i++)
            starts[i] += starts[i - 1];
        int[] order = new int[states];
        for (int i = 0; i < states; i++)
            order[starts[length[i]]++] = i;
        return order;
    }

    private int Extend(int last, int token)
    {
        int added = states++;
        length[added] = length[last] + 1;
        int from = last;
        for (; from != None && Follow(from, token) == None; from = link[from])
            Lead(from, token, added);
        if (from == None)
        {
            link[added] = Root;
            return added;
        }
        int target = Follow(from, token);
        link[added] = length[target] == length[from] + 1 ? target : Divide(from, token, target);
        return added;
    }

    // The shorter runs of a state get one of their own, since they now end in more places than the longer ones.
    private int Divide(int from, int token, int target)
    {
        int shorter = states++;
        length[shorter] = length[from] + 1;
        for (int arc = arcs[target]; arc != None; arc = siblings[arc].Next)
            Lead(shorter, siblings[arc].Token, Follow(target, siblings[arc].Token));
        (link[shorter], link[target]) = (link[target], shorter);
        for (; from != None && Follow(from, token) == target; from = link[from])
            table[Place(from, token)].Target = shorter;
        return shorter;
    }

    private void Lead(int from, int token, int target)
    {
        siblings[arcCount] = (token, arcs[from]);
        arcs[from] = arcCount++;
        table[Place(from, token)] = (from, token, target);
    }

    private int Follow(int from, int token)
    {
        int place = Place(from, token);
        return table[place].State == None ? None : table[place].Target;
    }

    // Where an arc stands in the table, or would stand: half of the table is empty.
    private int Place(int from, int token)
    {
        ulong hash = (((ulong)(uint)from << 32) | (uint)token) * 0x9E3779B97F4A7C15;
        int place = (int)((hash ^ (hash >> 29)) >> 17) & (table.Length - 1);
        while (table[place].State != None && (table[place].State != from || table[place].Token != token))
            place = (place + 1) & (table.Length - 1);
        return place;
    }
}

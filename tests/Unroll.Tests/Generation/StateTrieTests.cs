using Unroll.Generation;
using Xunit;

namespace Unroll.Tests.Generation;

public class StateTrieTests
{
    private static readonly ModelOptions Shape = new() { Cell = CellKind.Rnn, HiddenSize = 1 };

    [Fact]
    public void It_finds_the_longest_beginning_as_a_plain_list_does()
    {
        var random = new Random(1);
        var trie = new StateTrie(long.MaxValue);
        var known = new Dictionary<string, float>();
        for (int i = 0; i < 3000; i++)
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(3))];
            string key = string.Concat(ids);
            string? longest = known.Keys.Where(other => key.StartsWith(other, StringComparison.Ordinal)).MaxBy(other => other.Length);
            var found = trie.Longest(ids);
            Assert.Equal((longest?.Length, longest is null ? null : known[longest]), (found?.Length, found?.State.Hidden(0)[0]));
            if (random.Next(3) == 0 && known.TryAdd(key, i))
                trie.Add(ids, State(i));
        }
        Assert.Equal(known.Count, trie.Count);
    }

    [Fact]
    public void It_keeps_its_bound_and_forgets_what_nobody_has_used_for_longest()
    {
        var whole = new StateTrie(long.MaxValue);
        for (int i = 0; i < 10; i++)
            whole.Add([1, 2, i, 4, 5], State(i));
        var trie = new StateTrie(whole.Bytes);
        for (int i = 0; i < 10; i++)
            trie.Add([1, 2, i, 4, 5], State(i));
        Assert.Equal(10, trie.Count);
        Assert.NotNull(trie.Longest([1, 2, 0, 4, 5, 6]));
        trie.Add([1, 2, 10, 4, 5], State(10));
        Assert.Null(trie.Longest([1, 2, 1, 4, 5]));
        Assert.Equal(0, trie.Longest([1, 2, 0, 4, 5])!.Value.State.Hidden(0)[0]);
        Assert.Equal((10, whole.Bytes), (trie.Count, trie.Bytes));
    }

    [Fact]
    public void What_is_forgotten_leaves_nothing_behind()
    {
        var random = new Random(2);
        var trie = new StateTrie(4000);
        for (int i = 0; i < 5000; i++)
        {
            trie.Add([.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(2))], State(i));
            Assert.InRange(trie.Bytes, 1, 4000);
        }
        trie.Add(new int[5000], State(0)); // which alone is more than there is room for
        Assert.Equal((0, 0L), (trie.Count, trie.Bytes));
    }

    private static RecurrentState State(float value)
    {
        var state = new RecurrentState(Shape);
        state.Hidden(0)[0] = value;
        return state;
    }
}

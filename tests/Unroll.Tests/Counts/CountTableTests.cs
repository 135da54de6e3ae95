using CsCheck;
using Unroll.Counts;
using Xunit;

namespace Unroll.Tests.Counts;

public class CountTableTests
{
    [Fact]
    public void It_counts_as_a_dictionary_does() => Gen.Select(Gen.Int[1, 40], Gen.Int[0, 30]).Array[0, 600].Sample(pairs =>
    {
        var table = new CountTable();
        var expected = new Dictionary<ulong, Dictionary<int, int>>();
        foreach ((int context, int token) in pairs)
        {
            ulong key = (ulong)(uint)context * ((1UL << 60) + 1); // neighbours in the table
            Dictionary<int, int> followers = expected.TryGetValue(key, out var known) ? known : expected[key] = [];
            Assert.Equal(followers.GetValueOrDefault(token), table.Add(key, token));
            followers[token] = followers.GetValueOrDefault(token) + 1;
            Assert.Equal(token, table.Followers(table.Find(key))[0].Token);
        }
        Check(expected, table);

        var copy = new CountTable();
        foreach (ulong key in expected.Keys)
            copy.Copy(key, table, table.Find(key));
        Check(expected, copy);
        foreach (ulong key in expected.Keys)
            copy.Add(key, 31);
        Check(expected, table);
    });

    private static void Check(Dictionary<ulong, Dictionary<int, int>> expected, CountTable table)
    {
        Assert.Equal(expected.Count, table.Contexts);
        foreach ((ulong key, Dictionary<int, int> followers) in expected)
        {
            int place = table.Find(key);
            Assert.Equal(followers.Values.Sum(), table.Total(place));
            Assert.Equal(followers.OrderBy(pair => pair.Key), table.Followers(place).ToArray().Select(follower => KeyValuePair.Create(follower.Token, follower.Count)).OrderBy(pair => pair.Key));
        }
        Assert.Equal(-1, table.Find(12345));
    }
}

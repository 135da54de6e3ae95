// How often each token followed each context: one hash table of contexts, their followers in blocks of one pool. Counts are
// integers and exact; a context is known by 64 bits of hash. It knows nothing of orders, words or probabilities.
using System.Numerics;

namespace Unroll.Counts;

/// <summary>A token that followed a context, and how often.</summary>
internal readonly record struct Follower(int Token, int Count);

/// <summary>Counts of followers by context. The follower seen last stands first.</summary>
internal sealed class CountTable
{
    private Context[] slots = new Context[16]; // open addressing, a power of two
    private int used;
    private Follower[] pool = new Follower[16];
    private int poolUsed;
    private readonly int[] free = new int[32]; // by the logarithm of its size, the first free block's place + 1

    /// <summary>How many contexts there are.</summary>
    public int Contexts => used;

    /// <summary>The bytes of memory that it takes.</summary>
    public long Bytes => 24L * slots.Length + 8L * pool.Length;

    /// <summary>A context's place, or −1. Places hold until the next <see cref="Add"/>.</summary>
    public int Find(ulong key)
    {
        int mask = slots.Length - 1;
        for (int place = (int)key & mask; ; place = (place + 1) & mask)
        {
            if (slots[place].Key == key)
                return place;
            if (slots[place].Key == 0)
                return -1;
        }
    }

    /// <summary>How often the context at a place was counted.</summary>
    public int Total(int place) => slots[place].Total;

    /// <summary>What followed the context at a place. Holds until the next <see cref="Add"/>.</summary>
    public ReadOnlySpan<Follower> Followers(int place)
    {
        ref readonly Context context = ref slots[place];
        return context.Distinct == 1 ? new ReadOnlySpan<Follower>(in context.Single) : pool.AsSpan(context.Single.Token, context.Distinct);
    }

    /// <summary>Counts a token after a context.</summary>
    /// <param name="key">The context; not 0.</param>
    /// <param name="token">The token.</param>
    /// <returns>How often it had been counted there before.</returns>
    public int Add(ulong key, int token)
    {
        int slot = FindOrMake(key);
        ref Context context = ref slots[slot];
        context.Total++;
        if (context.Distinct == 0)
        {
            (context.Distinct, context.Single) = (1, new Follower(token, 1));
            return 0;
        }
        if (context.Distinct == 1 && context.Single.Token == token)
        {
            context.Single = new Follower(token, context.Single.Count + 1);
            return context.Single.Count - 1;
        }
        int place = context.Distinct == 1 ? -1 : FindToken(pool.AsSpan(context.Single.Token, context.Distinct), token);
        if (place < 0)
        {
            Extend(ref context);
            place = context.Distinct++;
            pool[context.Single.Token + place] = new Follower(token, 0);
        }
        Span<Follower> followers = pool.AsSpan(context.Single.Token, context.Distinct);
        Follower found = followers[place];
        followers[place] = followers[0];
        followers[0] = new Follower(token, found.Count + 1);
        return found.Count;
    }

    /// <summary>Makes a context with the counts of another table's.</summary>
    public void Copy(ulong key, CountTable other, int place)
    {
        int slot = FindOrMake(key);
        ref Context context = ref slots[slot];
        ref readonly Context source = ref other.slots[place];
        context = source;
        if (source.Distinct == 1)
            return;
        int size = Exponent(source.Distinct - 1) + 1;
        int block = Take(size);
        other.Followers(place).CopyTo(pool.AsSpan(block));
        context.Single = new Follower(block, 0);
    }

    /// <summary>The largest n with 2ⁿ ≤ number.</summary>
    public static int Exponent(int number) => 31 - BitOperations.LeadingZeroCount((uint)number);

    private static int FindToken(ReadOnlySpan<Follower> followers, int token)
    {
        for (int i = 0; i < followers.Length; i++)
        {
            if (followers[i].Token == token)
                return i;
        }
        return -1;
    }

    private int FindOrMake(ulong key)
    {
        int place = Find(key);
        if (place >= 0)
            return place;
        if (used >= slots.Length / 4 * 3)
            Grow();
        slots[FirstFree(key)].Key = key;
        used++;
        return Find(key);
    }

    private int FirstFree(ulong key)
    {
        int mask = slots.Length - 1, place = (int)key & mask;
        while (slots[place].Key != 0)
            place = (place + 1) & mask;
        return place;
    }

    private void Grow()
    {
        Context[] old = slots;
        slots = new Context[old.Length * 2];
        foreach (ref readonly Context context in old.AsSpan())
        {
            if (context.Key != 0)
                slots[FirstFree(context.Key)] = context;
        }
    }

    /// <summary>Makes room for one follower more. Blocks have powers of two places, from 2 on.</summary>
    private void Extend(ref Context context)
    {
        if (!BitOperations.IsPow2(context.Distinct))
            return;
        int size = Exponent(context.Distinct);
        int block = Take(size + 1);
        if (size == 0)
            pool[block] = context.Single;
        else
        {
            pool.AsSpan(context.Single.Token, context.Distinct).CopyTo(pool.AsSpan(block));
            pool[context.Single.Token] = new Follower(free[size], 0); // a free block tells of the next
            free[size] = context.Single.Token + 1;
        }
        context.Single = new Follower(block, 0);
    }

    private int Take(int size)
    {
        int block = free[size] - 1;
        if (block >= 0)
        {
            free[size] = pool[block].Token;
            return block;
        }
        block = poolUsed;
        poolUsed = checked(poolUsed + (1 << size));
        if (poolUsed > pool.Length)
            Array.Resize(ref pool, (int)Math.Min(Array.MaxLength, Math.Max(poolUsed, 2L * pool.Length)));
        return block;
    }

    /// <summary>A slot: with one follower it stands here, with several Single.Token is where their block begins in the pool.</summary>
    private struct Context
    {
        public ulong Key; // 0: free
        public int Total;
        public int Distinct;
        public Follower Single;
    }
}

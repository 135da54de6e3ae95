using System.Security.Cryptography;
using System.Text;

namespace Unroll.Data.Tokens;

/// <summary>Byte-pair encoding: bytes, and what learnt merges make of them within words.</summary>
/// <param name="isCleaned">Whether the text goes through the textbook's cleaning.</param>
/// <param name="table">The merges.</param>
internal sealed class BytePairTokenization(bool isCleaned, BytePairTable table) : Tokenization("byte-pair tokens", isCleaned)
{
    private readonly bool isCleaned = isCleaned;

    public override bool IsLearned => true;

    public override string CacheName => $"bpe-{Digest()}" + (isCleaned ? "-cleaned" : "");

    public override bool CutsAnywhere => false;

    /// <summary>The merges.</summary>
    public BytePairTable Table => table;

    public override BytePairLearner CreateLearner() => new();

    public override Tokenizer CreateTokenizer(TokenTable numbers, bool whole) => new BytePairTokenizer(table, numbers);

    // Cleaning joins lines with nothing between them, so that a word may go on in the next.
    public override bool CutsBetween(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) => !isCleaned && PreTokenizer.EndsBetween(before, after);

    public override byte[]? BytesOf(string token) => token == Vocabulary.UnknownToken ? null : ByteToken.Read(token);

    // Ids in a cache file mean something with these merges only.
    private string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        for (int id = 1; id < table.Count; id++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(length, table.Bytes(id).Length);
            hash.AppendData(length);
            hash.AppendData(table.Bytes(id));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}

/// <summary>Words, and of each the tokens that merges make of its bytes.</summary>
internal sealed class BytePairTokenizer : Tokenizer
{
    /// <summary>Words whose tokens are remembered, and the longest of them in chars: much of most texts, in little memory.</summary>
    private const int MostKnown = 1 << 16, LongestKnown = 32;

    private readonly BytePairTable table;
    private readonly TokenTable numbers;
    private readonly PreTokenizer words = new();
    private readonly BytePairEncoder encoder;
    private readonly Dictionary<string, int[]> known = [];
    private readonly Dictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly byte[] bytes = new byte[LongestTokenBytes];
    private readonly int[] found; // by id; 0 where the table of numbers has yet to be asked
    private readonly int[] begun; // by id: characters that begin in it
    private int[] word = []; // the ids of the word that is being handed out
    private int position;

    public BytePairTokenizer(BytePairTable table, TokenTable numbers)
    {
        (this.table, this.numbers, encoder) = (table, numbers, new BytePairEncoder(table));
        lookup = known.GetAlternateLookup<ReadOnlySpan<char>>();
        (found, begun) = (new int[table.Count], new int[table.Count]);
        for (int id = 0; id < begun.Length; id++)
            foreach (byte value in table.Bytes(id))
                begun[id] += ByteToken.BeginsCharacter(value) ? 1 : 0;
    }

    public override int Split(ReadOnlySpan<char> text, Span<int> numbers, out int used)
    {
        used = 0;
        int count = 0;
        while (true)
        {
            count += HandOut(numbers[count..]);
            if (count == numbers.Length || !words.TryRead(text, ref used, out ReadOnlySpan<char> next))
                return count;
            (word, position) = (Encode(next), 0);
        }
    }

    public override bool TryFinish(out int number)
    {
        number = 0;
        while (HandOut(new Span<int>(ref number)) == 0)
        {
            if (!words.TryFinish(out ReadOnlySpan<char> last))
                return false;
            (word, position) = (Encode(last), 0);
        }
        return true;
    }

    private int[] Encode(ReadOnlySpan<char> next)
    {
        if (next.Length <= LongestKnown && lookup.TryGetValue(next, out int[]? ids))
            return ids;
        ids = encoder.Encode(bytes.AsSpan(0, Encoding.UTF8.GetBytes(next, bytes)));
        if (next.Length > LongestKnown)
            return ids;
        if (known.Count == MostKnown)
            known.Clear();
        known.Add(next.ToString(), ids);
        return ids;
    }

    private int HandOut(Span<int> numbers)
    {
        int count = Math.Min(numbers.Length, word.Length - position);
        for (int i = 0; i < count; i++)
        {
            int id = word[position++];
            int number = found[id];
            if (number == 0)
                number = found[id] = this.numbers.Find(table.Spelled(id));
            Characters += begun[id];
            Bytes += table.Bytes(id).Length;
            numbers[i] = number;
        }
        return count;
    }
}

// A bookmark as bytes, for clients and for files: a version, the model's fingerprint, how many tokens are behind it, the last of them,
// and then the state as a state's file has it. Whatever comes back is read with distrust: its length is known before a number is.
using System.Buffers.Binary;
using Unroll.Generation;
using Unroll.Web.Models;

namespace Unroll.Web.Sessions;

/// <summary>Writes bookmarks, and reads them.</summary>
internal static class BookmarkBytes
{
    /// <summary>Bytes from the beginning that tell the model.</summary>
    public const int HeadLength = 1 + FingerprintLength;

    private const byte Version = 1;
    private const int FingerprintLength = 32;
    private const int TokensAt = HeadLength, CountAt = TokensAt + sizeof(long), LastAt = CountAt + sizeof(int);
    private const int FixedLength = LastAt + SlotText.MostRecent * sizeof(int);

    // No cell has such numbers, and sums of them are still numbers.
    private const float Largest = 1e9f;

    /// <summary>Writes one.</summary>
    /// <exception cref="UnrollException">A number of the state is not finite.</exception>
    public static byte[] Write(Bookmark bookmark, ServedModel model)
    {
        Span<byte> head = stackalloc byte[FixedLength];
        head.Clear();
        head[0] = Version;
        Convert.FromHexString(model.Fingerprint).CopyTo(head[1..]);
        BinaryPrimitives.WriteInt64LittleEndian(head[TokensAt..], bookmark.Tokens);
        BinaryPrimitives.WriteInt32LittleEndian(head[CountAt..], bookmark.LastTokens.Count);
        for (int i = 0; i < bookmark.LastTokens.Count; i++)
            BinaryPrimitives.WriteInt32LittleEndian(head[(LastAt + i * sizeof(int))..], bookmark.LastTokens[i]);
        using var stream = new MemoryStream();
        stream.Write(head);
        bookmark.State?.Save(stream);
        return stream.ToArray();
    }

    /// <summary>Whether bytes that begin like these are of a model.</summary>
    public static bool IsOf(ReadOnlySpan<byte> bytes, ServedModel model) =>
        bytes.Length >= HeadLength && bytes[1..HeadLength].SequenceEqual(Convert.FromHexString(model.Fingerprint));

    /// <summary>How many bytes a bookmark of a model has, if anything has been read.</summary>
    public static int LengthFor(ServedModel model) => Write(new Bookmark(new RecurrentState(model.Model), [], 0), model).Length;

    /// <summary>Reads one.</summary>
    /// <exception cref="UnrollException">It is none, or another model's: what is wrong, after "the state".</exception>
    public static Bookmark Read(byte[] bytes, ServedModel model)
    {
        if (bytes.Length < FixedLength || bytes[0] != Version)
            throw new UnrollException("is none that this server has made");
        if (!IsOf(bytes, model))
            throw new UnrollException($"belongs to another model than {model.Id}");
        if (bytes.Length != FixedLength && bytes.Length != LengthFor(model))
            throw new UnrollException("has been cut or made longer");
        long tokens = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(TokensAt));
        int count = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(CountAt));
        if (tokens < 0 || tokens > long.MaxValue / 2 || count < 0 || count > SlotText.MostRecent)
            throw Damaged();
        int[] last = [.. Enumerable.Range(0, count).Select(i => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(LastAt + i * sizeof(int))))];
        if (last.Any(id => id < 0 || id >= model.Vocabulary.Count))
            throw Damaged();
        return new Bookmark(bytes.Length == FixedLength ? null : StateOf(bytes, model), last, tokens);
    }

    private static RecurrentState StateOf(byte[] bytes, ServedModel model)
    {
        RecurrentState state;
        try
        {
            using var stream = new MemoryStream(bytes, FixedLength, bytes.Length - FixedLength);
            state = RecurrentState.Load(stream, model.Model);
        }
        catch (ModelFileException)
        {
            throw Damaged();
        }
        return state.Members.SelectMany(member => member.Arrays).All(array => Array.TrueForAll(array.Values, value => Math.Abs(value) <= Largest)) ? state : throw Damaged();
    }

    private static UnrollException Damaged() => new("is damaged");
}

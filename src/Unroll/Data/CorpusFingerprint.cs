// Which text a run learns from, in 64 digits. Computed from the segments' digests, which are there already, and not from
// the ids, which may be ten thousand million.
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Unroll.Data.Ids;

namespace Unroll.Data;

internal static class CorpusFingerprint
{
    /// <summary>SHA-256 in hexadecimal of the vocabulary, the text, and where its parts lie.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="ids">The id of each number.</param>
    /// <param name="text">The text's numbers.</param>
    /// <param name="training">How many of them are trained on.</param>
    /// <param name="validation">How many are validated on.</param>
    /// <param name="other">The ids of a text of its own for validation, if there is one.</param>
    public static string Compute(Vocabulary vocabulary, int[] ids, IdSegments text, long training, long validation, IdSegments? other)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, vocabulary.Count);
        foreach (string token in vocabulary.Tokens)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(token);
            Append(hash, bytes.Length);
            hash.AppendData(bytes);
        }
        Append(hash, ids.Length);
        foreach (int id in ids)
            Append(hash, id);
        Append(hash, text);
        Append(hash, training);
        Append(hash, validation);
        if (other is not null)
            Append(hash, other);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, IdSegments row)
    {
        Append(hash, row.Length);
        foreach (IdSegment segment in row.Segments)
            hash.AppendData(segment.Digest);
    }

    private static void Append(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}

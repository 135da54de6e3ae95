// Which model it is, in 64 digits: of what it predicts by, and not of a file's bytes, which tell of its training too.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Unroll.Model;

/// <summary>Tells models apart.</summary>
internal static class ModelFingerprint
{
    /// <summary>Digits.</summary>
    public const int Length = 64;

    // Floats at a time: far below the 2^31 bytes that a span can hold.
    private const int Piece = 1 << 20;

    /// <summary>SHA-256 in hexadecimal of a model's tokens, tensors, n-grams and memory.</summary>
    public static string Of(LanguageModel model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, [model.Vocabulary.Count, model.Members.Count]);
        foreach (string token in model.Vocabulary.Tokens)
            Append(hash, token);
        foreach (LanguageModel network in model.Members)
        {
            foreach (ParameterTensor tensor in network.Parameters.Tensors)
            {
                Append(hash, tensor.Name);
                Append(hash, [tensor.Rows, tensor.Columns]);
                ReadOnlySpan<float> values = network.Parameters.Slice(tensor);
                for (; values.Length > Piece; values = values[Piece..])
                    hash.AppendData(MemoryMarshal.AsBytes(values[..Piece]));
                hash.AppendData(MemoryMarshal.AsBytes(values));
            }
            Append(hash, network.Ngrams?.Entries ?? []);
        }
        if (model.Memory is { } memory)
        {
            Append(hash, memory.Tokens);
            hash.AppendData(MemoryMarshal.AsBytes(memory.Mixture));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Each with its length before it, so that what is one model's is no other's.
    private static void Append(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Append(hash, [bytes.Length]);
        hash.AppendData(bytes);
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<int> numbers)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, numbers.Length);
        hash.AppendData(length);
        hash.AppendData(MemoryMarshal.AsBytes(numbers));
    }
}

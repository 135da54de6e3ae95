using Unroll.Prediction;

namespace Unroll.Compression;

/// <summary>What both directions ask of a model beside its predictions.</summary>
/// <param name="model">The model.</param>
internal sealed class CodingModel(LanguageModel model)
{
    /// <summary>The model.</summary>
    public LanguageModel Model { get; } = model;

    /// <summary>Which model it is: 32 bytes.</summary>
    public byte[] Fingerprint { get; } = Convert.FromHexString(model.Fingerprint());

    /// <summary>What its tokens say.</summary>
    public TokenBytes Tokens { get; } = new(model.Vocabulary);

    /// <summary>What a text's first token is predicted from.</summary>
    public int First { get; } = LineStart.Of(model.Vocabulary);

    /// <summary>Refuses what another model has compressed.</summary>
    /// <param name="its">The first bytes of that model's fingerprint.</param>
    /// <exception cref="CompressedTextException">It is another.</exception>
    public void Check(ReadOnlySpan<byte> its)
    {
        if (!Fingerprint.AsSpan().StartsWith(its))
            throw new CompressedTextException($"was compressed with another model: its fingerprint begins with {Convert.ToHexStringLower(its)}, this one's with {Convert.ToHexStringLower(Fingerprint.AsSpan(0, its.Length))}");
    }
}

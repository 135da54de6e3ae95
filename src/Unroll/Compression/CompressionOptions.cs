using Unroll.Compression;
using Unroll.Kernels;

namespace Unroll;

/// <summary>How a text is compressed. Every property has a default.</summary>
public sealed record CompressionOptions
{
    /// <summary>The most segments.</summary>
    public const int MostSegments = 1024;

    /// <summary>Parts of a text (or of each 16 MiB of a longer one) that are coded side by side, each beginning anew: more are faster, and
    /// cost some bytes each. 0 = one for every 8,192 tokens, 256 at most. What was compressed tells its own when it is expanded.</summary>
    public int Segments { get; init; }

    /// <summary>Whether the model learns from the text while it codes it (dynamic evaluation): smaller, and slower. One segment. What was
    /// compressed so is expanded so.</summary>
    public bool Adapt { get; init; }

    /// <summary>Threads; 0 = as many as the work is worth. Results do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>The most bytes of text in a block.</summary>
    internal int BlockBytes { get; init; } = LongForm.BlockBytes;

    /// <summary>Checks that the options make sense.</summary>
    /// <exception cref="OptionsException">They do not.</exception>
    public void Validate()
    {
        OptionsException.Require(Segments is >= 0 and <= MostSegments, nameof(Segments), $"must be between 0 and {MostSegments}.");
        OptionsException.Require(!Adapt || Segments <= 1, nameof(Segments), $"must be 1, or left out, with {new PropertyName(nameof(Adapt))}: who learns from a text reads it in one go.");
        OptionsException.Require(Threads is >= 0 and <= ThreadTeam.Most, nameof(Threads), $"must be between 0 and {ThreadTeam.Most}.");
    }
}

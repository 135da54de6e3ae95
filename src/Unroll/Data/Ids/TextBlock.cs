using System.Runtime.ExceptionServices;
using Unroll.Data.Tokens;

namespace Unroll.Data.Ids;

/// <summary>A part of a file on its way from bytes to numbers. Its arrays are used again for later parts.</summary>
internal sealed class TextBlock
{
    /// <summary>What an earlier block left over, then a chunk of the file.</summary>
    public byte[] Bytes { get; set; } = [];

    /// <summary>Where the chunk begins.</summary>
    public int ChunkStart { get; set; }

    /// <summary>Where the chunk ends.</summary>
    public int End { get; set; }

    /// <summary>Where this block's text ends; the bytes after it are the next block's.</summary>
    public int Cut { get; set; }

    /// <summary>Whether a token ends at the cut for certain, so that the next block can be split without knowing this one.</summary>
    public bool Finishes { get; set; }

    /// <summary>The file.</summary>
    public string Path { get; set; } = "";

    /// <summary>Where the first byte stands in the file.</summary>
    public long Offset { get; set; }

    /// <summary>Whether that is the file's beginning.</summary>
    public bool BeginsFile => Offset == 0;

    /// <summary>The text's tokens, by a tokenizer's own numbers.</summary>
    public int[] Numbers { get; set; } = [];

    /// <summary>How many there are.</summary>
    public int Count { get; set; }

    /// <summary>Tokens that this tokenizer met here for the first time, in that order.</summary>
    public IReadOnlyList<string> NewTokens { get; set; } = [];

    /// <summary>The chunk's SHA-256.</summary>
    public byte[] Digest { get; set; } = [];

    /// <summary>Why it could not be split.</summary>
    public ExceptionDispatchInfo? Failure { get; set; }
}

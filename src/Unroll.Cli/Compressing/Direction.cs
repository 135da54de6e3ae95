namespace Unroll.Cli.Compressing;

/// <summary>Which way: from text to what is compressed, or back.</summary>
internal sealed record Direction
{
    /// <summary>What a file's name becomes; null where it does not tell.</summary>
    public required Func<string, string?> Target { get; init; }

    /// <summary>Whether a file is so short that it goes side by side with others.</summary>
    public required Func<FileInfo, bool> IsShort { get; init; }

    /// <summary>Does short ones; of each what it became, or what is wrong with it.</summary>
    public required Func<IReadOnlyList<byte[]>, CancellationToken, IReadOnlyList<(byte[]? Bytes, UnrollException? Fault)>> Short { get; init; }

    /// <summary>Does one of any length.</summary>
    public required Action<Stream, Stream, IProgress<long>, CancellationToken> Long { get; init; }

    /// <summary>Whether it makes files small.</summary>
    public required bool IsCompressing { get; init; }
}

namespace Unroll.Checkpoints;

/// <summary>A file's content is not what it should be. <see cref="CheckpointReader"/> turns it into an
/// <see cref="ModelFileException"/> that names the file.</summary>
/// <param name="reason">A clause, without a full stop: "the header is not valid JSON".</param>
internal sealed class UnusableFileException(string reason) : Exception(reason);

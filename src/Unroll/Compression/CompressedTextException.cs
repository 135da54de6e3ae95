namespace Unroll;

/// <summary>What is to be expanded is damaged, cut short, of another model, or was never compressed by Unroll. The message says which.</summary>
public sealed class CompressedTextException : UnrollException
{
    /// <param name="reason">A clause without its subject and without a full stop: "is cut short".</param>
    internal CompressedTextException(string reason) : base($"The compressed text {reason}.") => Reason = reason;

    /// <summary>The message without its subject and its full stop, for who has a name for what it is about.</summary>
    internal string Reason { get; }
}

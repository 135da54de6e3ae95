namespace Unroll;

/// <summary>Something a person can put right: a text too short, a damaged model file, options that do not fit. The
/// message is one or two whole sentences that say what is wrong and what to do; it is meant to be shown as it is.</summary>
public class UnrollException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong and what to do, in whole sentences.</param>
    /// <param name="innerException">What caused it, if anything.</param>
    public UnrollException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}

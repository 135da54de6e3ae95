namespace Unroll;

/// <summary>Something a person can put right: a text too short, a damaged model file, options that do not fit. The
/// message is one or two whole sentences that say what is wrong and what to do; it is meant to be shown as it is.</summary>
public class UnrollException : Exception
{
    private readonly Sentence? sentence;

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong and what to do, in whole sentences.</param>
    /// <param name="innerException">What caused it, if anything.</param>
    public UnrollException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }

    // An interpolated string comes here, not there: that is C#'s rule.
    internal UnrollException(Sentence sentence, Exception? innerException = null) : base(sentence.ToString(), innerException)
    {
        this.sentence = sentence;
    }

    /// <summary>The message with every option called by another name than its property's, such as a flag for
    /// <see cref="TrainingOptions.LearningRate"/>: for programs whose users know the options under names of their own.</summary>
    /// <param name="name">Gives the name to show for a property's name.</param>
    public string Describe(Func<string, string> name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return sentence?.Say(name) ?? Message;
    }
}

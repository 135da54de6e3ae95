using System.Runtime.CompilerServices;

namespace Unroll;

/// <summary>Options that make no sense, or contradict one another. The message names the properties.</summary>
public sealed class OptionsException : UnrollException
{
    internal OptionsException(Sentence sentence) : base(sentence)
    {
        Properties = [.. sentence.Properties.Distinct()];
    }

    /// <summary>The property to look at first, such as <c>HiddenSize</c>.</summary>
    public string Property => Properties[0];

    /// <summary>All properties that the message names.</summary>
    public IReadOnlyList<string> Properties { get; }

    /// <summary>Checks a condition on an option.</summary>
    /// <param name="condition">What must hold.</param>
    /// <param name="property">The option's property.</param>
    /// <param name="rest">What to say after its name where it does not.</param>
    internal static void Require(bool condition, string property, [InterpolatedStringHandlerArgument(nameof(condition))] Sentence rest)
    {
        if (!condition)
            throw new OptionsException($"{new PropertyName(property)} {rest}");
    }
}

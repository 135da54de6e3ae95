// A language model: its options, its vocabulary and its parameters. What it computes is in Network, how it is kept in
// Checkpoints, how it learns in Training, how it speaks in Generation.
using Unroll.Model;

namespace Unroll;

/// <summary>A recurrent language model: options, vocabulary and parameters.</summary>
public sealed class LanguageModel
{
    internal LanguageModel(Vocabulary vocabulary, ModelOptions options, Parameters parameters)
    {
        (Vocabulary, Options, Parameters) = (vocabulary, options, parameters);
    }

    /// <summary>The model's shape.</summary>
    public ModelOptions Options { get; }

    /// <summary>The tokens the model knows, and how a text becomes tokens.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Everything learned.</summary>
    public Parameters Parameters { get; }

    /// <summary>Makes a model with fresh random weights.</summary>
    /// <param name="vocabulary">The tokens it will read and write.</param>
    /// <param name="options">Its shape.</param>
    /// <param name="seed">Equal seeds give equal weights, to the bit, on any machine.</param>
    /// <exception cref="UnrollException">The options do not make a model.</exception>
    public static LanguageModel Create(Vocabulary vocabulary, ModelOptions options, ulong seed = 1)
    {
        var parameters = new Parameters(options, vocabulary.Count);
        Initializer.Fill(parameters, options, seed);
        return new LanguageModel(vocabulary, options, parameters);
    }
}

// What training knows: a predictor that learns. A model of several networks has no engine; each of its networks has one.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>Computes one network and its gradients.</summary>
internal abstract class Engine(LanguageModel model, EngineOptions options) : Predictor(options)
{
    /// <summary>The best engine of this machine.</summary>
    /// <param name="model">A model of one network; its parameters are read at the first use and after <see cref="Predictor.ParametersChanged"/>.</param>
    /// <param name="options">What it is for.</param>
    /// <exception cref="UnrollException">There is not enough memory for it; said before any is taken.</exception>
    public static new Engine For(LanguageModel model, EngineOptions options) => new CpuEngine(model, options);

    /// <summary>The model.</summary>
    protected LanguageModel Model { get; } = model.Members.Count == 1 ? model : throw new ArgumentException("An engine computes one network.", nameof(model));

    /// <summary>The gradient's Euclidean norm after <see cref="Train"/>; not finite if an element is not.</summary>
    public abstract double GradientNorm { get; }

    /// <summary>What the rule of updates remembers, each of the parameters' size; to be saved and filled in again.</summary>
    public abstract IReadOnlyList<float[]> Moments { get; }

    /// <summary>Forward and backward over one minibatch from the carried states, which advance (detached).</summary>
    /// <param name="inputs">[T, B] ids, time-major: of the whole minibatch, also where ranks share it.</param>
    /// <param name="targets">[T, B] ids, time-major.</param>
    /// <param name="seed">Keys the dropout masks.</param>
    /// <param name="update">Keys the dropout masks: the number of the update.</param>
    /// <returns>The mean cross-entropy in nats over the T·B predictions.</returns>
    public abstract double Train(ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, ulong seed, ulong update);

    /// <summary>What the rule of updates remembers of the tables by n-gram, under the names that files give it.</summary>
    public abstract IReadOnlyList<(string Name, float[] Values)> TableMemories { get; }

    /// <summary>Moves the parameters by the gradient of the last <see cref="Train"/>.</summary>
    public abstract void Update(in UpdateStep step);
}

// The computation of a model for a fixed batch and window: forward, backward, step.
namespace Unroll.Model;

/// <summary>A model unrolled over a window of T steps and B rows, with every buffer it needs. Not thread-safe; it uses
/// its own threads inside. After construction nothing is allocated.</summary>
internal sealed class Network : IDisposable
{
    /// <param name="model">The model; its parameters are read at construction and at <see cref="ParametersChanged"/>.</param>
    /// <param name="batch">B.</param>
    /// <param name="steps">T.</param>
    /// <param name="threads">Threads that share the work; results do not depend on it.</param>
    /// <param name="training">Whether <see cref="Train"/> will be called: gradients and saved activations are kept.</param>
    public Network(LanguageModel model, int batch, int steps, int threads, bool training) => throw new NotImplementedException();

    /// <summary>B.</summary>
    public int Batch => throw new NotImplementedException();

    /// <summary>T.</summary>
    public int Steps => throw new NotImplementedException();

    /// <summary>The gradient of the mean loss, laid out as the parameters; valid after <see cref="Train"/>.</summary>
    public float[] Gradients => throw new NotImplementedException();

    /// <summary>Tells that the model's parameters were written.</summary>
    public void ParametersChanged() => throw new NotImplementedException();

    /// <summary>Sets the carried state to zero.</summary>
    public void ResetState() => throw new NotImplementedException();

    /// <summary>Sets the carried state.</summary>
    public void SetState(RecurrentState state) => throw new NotImplementedException();

    /// <summary>Copies the carried state out.</summary>
    public void GetState(RecurrentState state) => throw new NotImplementedException();

    /// <summary>Forward and backward over one window from the carried state, which advances (detached).</summary>
    /// <param name="inputs">[T, B] ids, time-major.</param>
    /// <param name="targets">[T, B] ids, time-major.</param>
    /// <param name="seed">Keys the dropout masks.</param>
    /// <param name="update">Keys the dropout masks: the number of the update.</param>
    /// <returns>The mean cross-entropy in nats over the T·B predictions.</returns>
    public double Train(ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, ulong seed, ulong update) => throw new NotImplementedException();

    /// <summary>Forward over one window, or over its first steps; no dropout; the carried state advances.</summary>
    /// <param name="inputs">[t, B] ids, time-major, t ≤ T.</param>
    /// <param name="targets">[t, B] ids.</param>
    /// <param name="losses">[t, B]: each prediction's cross-entropy in nats.</param>
    public void Evaluate(ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, Span<float> losses) => throw new NotImplementedException();

    /// <summary>Feeds tokens without asking for predictions (a warm-up): [t, B] ids, t ≤ T. The carried state advances.</summary>
    public void Feed(ReadOnlySpan<int> inputs) => throw new NotImplementedException();

    /// <summary>Feeds one token per row and gives the logits [B, V] of the next; row b starts at b·<see cref="LogitsStride"/>.</summary>
    public ReadOnlySpan<float> Step(ReadOnlySpan<int> inputs) => throw new NotImplementedException();

    /// <summary>The distance between two rows of <see cref="Step"/>'s result, at least V.</summary>
    public int LogitsStride => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

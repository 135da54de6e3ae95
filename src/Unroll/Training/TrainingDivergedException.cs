namespace Unroll;

/// <summary>A run's loss, or its gradient, ran away: nothing that follows would be learning. The message says what to change, and
/// which model is left.</summary>
public sealed class TrainingDivergedException : UnrollException
{
    internal TrainingDivergedException(Sentence sentence) : base(sentence)
    {
    }

    /// <summary>The update at which it was noticed, from 1.</summary>
    public required long Update { get; init; }

    /// <summary>The loss of that update, nats per token; it need not be finite.</summary>
    public required double Loss { get; init; }
}

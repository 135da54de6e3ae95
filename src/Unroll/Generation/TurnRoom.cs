namespace Unroll.Generation;

/// <summary>What the choice of one token needs, used again for the next: nothing in it lasts.</summary>
/// <param name="vocabularySize">V.</param>
internal sealed class TurnRoom(int vocabularySize)
{
    /// <summary>V.</summary>
    public int VocabularySize { get; } = vocabularySize;

    /// <summary>[V]: the model's, in nats.</summary>
    public float[] LogProbabilities => field ??= new float[VocabularySize];

    /// <summary>[V]: what penalties and the like make of them.</summary>
    public float[] Judged => field ??= new float[VocabularySize];

    /// <summary>[V]: not normalised.</summary>
    public double[] Weights => field ??= new double[VocabularySize];

    /// <summary>[V]: ordered as the tokens are by falling likelihood; ties by id.</summary>
    public ulong[] Keys => field ??= new ulong[VocabularySize];
}

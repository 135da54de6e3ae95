namespace Unroll.Data;

/// <summary>One epoch's minibatches.</summary>
public sealed class WindowEpoch
{
    /// <summary>The number of minibatches.</summary>
    public long Count => throw new NotImplementedException();

    /// <summary>Whether a minibatch starts from a zero state: the first always, under random and reset sampling every one.</summary>
    public bool StartsFresh(long index) => throw new NotImplementedException();

    /// <summary>Reads a minibatch, time-major: element [t, b] is at t·B + b.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <param name="inputs">[T, B] ids.</param>
    /// <param name="targets">[T, B] ids: the inputs one step later.</param>
    public void Read(long index, Span<int> inputs, Span<int> targets) => throw new NotImplementedException();
}

namespace Unroll.Data;

/// <summary>The minibatches of an epoch, by number: any epoch and any minibatch can be asked for, in any order.</summary>
public sealed class WindowStream
{
    /// <summary>Windows of T steps in minibatches of B rows.</summary>
    /// <exception cref="UnrollException">The text is too short for one minibatch at every offset; the message says how much is needed.</exception>
    public WindowStream(TokenIds ids, int batch, int steps, Sampling sampling, ulong seed) => throw new NotImplementedException();

    /// <summary>Prepares an epoch: draws its offset and, for random sampling, its order.</summary>
    public WindowEpoch Epoch(long epoch) => throw new NotImplementedException();
}

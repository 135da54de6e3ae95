namespace Unroll;

/// <summary>All slots of a <see cref="BatchGenerator"/> are taken and as many requests wait as may: try again later.</summary>
public sealed class QueueFullException : UnrollException
{
    internal QueueFullException(int slots, int queue)
        : base($"All {slots} slots are taken and {queue} requests wait, which is the most: try again later.")
    {
    }
}

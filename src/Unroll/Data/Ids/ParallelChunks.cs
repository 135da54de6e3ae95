using System.Runtime.ExceptionServices;

namespace Unroll.Data.Ids;

/// <summary>The same work on each chunk of something long, in any order.</summary>
internal static class ParallelChunks
{
    /// <summary>Does the work on several threads, each with a buffer of its own.</summary>
    public static void Run(long count, int threads, int bufferLength, Action<int, byte[]> work, CancellationToken cancellationToken)
    {
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
            Parallel.For(0, checked((int)count), options, () => GC.AllocateUninitializedArray<byte>(bufferLength), (i, _, buffer) =>
            {
                work(i, buffer);
                return buffer;
            }, static _ => { });
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerException!);
        }
    }
}

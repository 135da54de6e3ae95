using System.Net;
using System.Threading.RateLimiting;

namespace Unroll.Web.Safety;

/// <summary>How many requests a client makes: so many a minute, and as many at once.</summary>
/// <param name="perMinute">The most requests a minute.</param>
internal sealed class ClientRates(int perMinute) : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<IPAddress> limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(client =>
        RateLimitPartition.GetTokenBucketLimiter(client, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = perMinute,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = Minute / perMinute,
            QueueLimit = 0,
        }));

    /// <summary>Counts a request.</summary>
    /// <param name="client">Whose; null where nobody knows.</param>
    /// <returns>Null where it may go on; otherwise after how many seconds it may be tried again.</returns>
    public int? SecondsToWait(IPAddress? client)
    {
        using RateLimitLease lease = limiter.AttemptAcquire(client ?? IPAddress.None);
        if (lease.IsAcquired)
            return null;
        return lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;
    }

    /// <inheritdoc/>
    public void Dispose() => limiter.Dispose();
}

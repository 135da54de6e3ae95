using Xunit.v3;

namespace Unroll.Tests;

/// <summary>Marks what takes seconds, or minutes on a slow machine, so that the tests of an inner loop can leave it out.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class SlowAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Speed", "slow")];
}

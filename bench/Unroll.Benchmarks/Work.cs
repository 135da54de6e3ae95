namespace Unroll.Benchmarks;

/// <summary>What no run can take less of: operations, or bytes to or from memory; the other is 0.</summary>
public readonly record struct Work(double Operations, double Bytes)
{
    /// <summary>Work that computing limits: floating-point operations, a multiply-add counting two.</summary>
    public static Work OfOperations(double operations) => new(operations, 0);

    /// <summary>Work that memory limits: bytes read and bytes written, each once.</summary>
    public static Work OfBytes(double bytes) => new(0, bytes);

    /// <summary>What limits it.</summary>
    public string Bound => Operations > 0 ? "peak" : "bandwidth";

    /// <summary>Seconds that it takes at least.</summary>
    public double Floor(Machine machine) => Operations > 0 ? Operations / machine.Peak : Bytes / machine.Bandwidth;
}

/// <summary>The one parameter of a benchmark: what is measured, and how much work it is.</summary>
public interface ICase
{
    /// <summary>The work of one call of the benchmark method with this name.</summary>
    Work WorkOf(string method);
}

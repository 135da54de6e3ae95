namespace Unroll.Kernels;

/// <summary>The accumulators of a few rows of a product, held in registers.</summary>
internal unsafe interface IAccumulators<TSelf, L> where TSelf : struct, IAccumulators<TSelf, L> where L : struct, ILanes<L>
{
    static abstract int Height { get; }

    void Load(float* c, nint stride);

    void Store(float* c, nint stride);

    /// <summary>Adds the sums to what C holds.</summary>
    void AddTo(float* c, nint stride);

    /// <summary>Adds the outer product of one column of A (elements <paramref name="stride"/> apart) and two vectors of B.</summary>
    void Add(float* a, nint stride, L b0, L b1);
}

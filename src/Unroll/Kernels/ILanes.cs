// One vector of floats, of whatever width the machine has. Every kernel is written once over this; the four widths
// give the same bits because each operation here is exactly rounded and nothing else is used.
namespace Unroll.Kernels;

/// <summary>A vector of <see cref="Width"/> floats.</summary>
internal unsafe interface ILanes<TSelf> where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Floats per vector.</summary>
    static abstract int Width { get; }

    /// <summary>The most rows of a matrix product's tile whose accumulators, two vectors a row, stay in registers.</summary>
    static abstract int TileHeight { get; }

    static abstract TSelf Load(float* source);

    void Store(float* target);

    /// <summary>Asks for the cache line at an address ahead of its use, where the machine has an instruction for it.</summary>
    static abstract void Prefetch(float* address);

    /// <summary>The same number in every lane.</summary>
    static abstract TSelf Of(float value);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>a·b + c, rounded once.</summary>
    static abstract TSelf FusedMultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>this ← a·b + this, rounded once. In place: so the compiler keeps an accumulator in its register, where
    /// <c>c = FusedMultiplyAdd(a, b, c)</c> costs a move for every third product of a tile.</summary>
    void Accumulate(TSelf a, TSelf b);

    static abstract TSelf Sqrt(TSelf x);

    /// <summary>The nearest integer, ties to even.</summary>
    static abstract TSelf Round(TSelf x);

    /// <summary>x limited to [low, high]; NaN stays NaN, so that a diverged model shows.</summary>
    static abstract TSelf Clamp(TSelf x, TSelf low, TSelf high);

    /// <summary>The larger of the two; of equals or NaN, b.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>2ⁿ for an integer −126 ≤ n ≤ 127.</summary>
    static abstract TSelf PowerOfTwo(TSelf n);

    /// <summary>value where condition &gt; 0, otherwise 0.</summary>
    static abstract TSelf WherePositive(TSelf condition, TSelf value);
}

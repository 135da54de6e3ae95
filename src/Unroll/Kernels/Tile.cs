// The floor of every matrix product: C += A·B for a few rows and one panel of B, two vectors wide, all accumulators in
// registers. Each element is one chain of fused multiply-adds over k in ascending order, whatever the tile.
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>Tiles of rows of type <typeparamref name="TRow"/>, 1 to 12 rows high.</summary>
internal static unsafe class Tile<TRow, L> where TRow : struct, IAccumulators<TRow, L> where L : struct, ILanes<L>
{
    /// <summary>Steps of k between two looks ahead.</summary>
    private const int Chunk = 64;

    /// <summary>C += A·B for any number of rows.</summary>
    public static void Run(int rows, ref TileRun run)
    {
        var tiles = new TileSplit(rows, L.TileHeight);
        if (tiles.Higher > 0)
            Run(tiles.Height + 1, tiles.Higher, ref run);
        Run(tiles.Height, tiles.Count - tiles.Higher, ref run);
    }

    /// <summary>C += A·B for one row and up to four panels of B, <paramref name="panelStride"/> floats apart. Where there are
    /// fewer, the rest repeat the first, to the bit: their sums cost nothing while its own wait for each other.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void RunRow(int k, float* a, float* b, nint panelStride, float* c, int panels, TileStart start)
    {
        TRow first = default, second = default, third = default, fourth = default;
        int width = 2 * L.Width;
        nint one = panels > 1 ? 1 : 0, two = panels > 2 ? 2 : 0, three = panels > 3 ? 3 : 0;
        if (start == TileStart.Given)
        {
            first.Load(c, 0);
            second.Load(c + one * width, 0);
            third.Load(c + two * width, 0);
            fourth.Load(c + three * width, 0);
        }
        float* b1 = b + one * panelStride, b2 = b + two * panelStride, b3 = b + three * panelStride;
        for (nint i = 0; k > 0; k--, a++, i += width)
        {
            first.Add(a, 0, L.Load(b + i), L.Load(b + i + L.Width));
            second.Add(a, 0, L.Load(b1 + i), L.Load(b1 + i + L.Width));
            third.Add(a, 0, L.Load(b2 + i), L.Load(b2 + i + L.Width));
            fourth.Add(a, 0, L.Load(b3 + i), L.Load(b3 + i + L.Width));
        }
        if (start == TileStart.ZeroThenAdded)
        {
            // A panel that repeats the first is added once only.
            first.AddTo(c, 0);
            if (one > 0)
                second.AddTo(c + one * width, 0);
            if (two > 0)
                third.AddTo(c + two * width, 0);
            if (three > 0)
                fourth.AddTo(c + three * width, 0);
            return;
        }
        first.Store(c, 0);
        second.Store(c + one * width, 0);
        third.Store(c + two * width, 0);
        fourth.Store(c + three * width, 0);
    }

    private static void Run(int height, int count, ref TileRun run)
    {
        switch (height)
        {
            case 1: Tiles<TRow>(count, ref run); break;
            case 2: Tiles<Twice<TRow, L>>(count, ref run); break;
            case 3: Tiles<Plus<Twice<TRow, L>, TRow, L>>(count, ref run); break;
            case 4: Tiles<Twice<Twice<TRow, L>, L>>(count, ref run); break;
            case 5: Tiles<Plus<Twice<Twice<TRow, L>, L>, TRow, L>>(count, ref run); break;
            case 6: Tiles<Twice<Plus<Twice<TRow, L>, TRow, L>, L>>(count, ref run); break;
            case 7: Tiles<Plus<Twice<Plus<Twice<TRow, L>, TRow, L>, L>, TRow, L>>(count, ref run); break;
            case 8: Tiles<Twice<Twice<Twice<TRow, L>, L>, L>>(count, ref run); break;
            case 9: Tiles<Plus<Twice<Twice<Twice<TRow, L>, L>, L>, TRow, L>>(count, ref run); break;
            case 10: Tiles<Twice<Plus<Twice<Twice<TRow, L>, L>, TRow, L>, L>>(count, ref run); break;
            case 11: Tiles<Plus<Twice<Plus<Twice<Twice<TRow, L>, L>, TRow, L>, L>, TRow, L>>(count, ref run); break;
            default: Tiles<Twice<Twice<Plus<Twice<TRow, L>, TRow, L>, L>, L>>(count, ref run); break;
        }
    }

    /// <summary>Tiles of one height, one below the other; moves the run's pointers past them.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Tiles<R>(int count, ref TileRun run) where R : struct, IAccumulators<R, L>
    {
        bool packed = run.RowStride == 0;
        nint rowStride = packed ? 1 : run.RowStride, columnStride = packed ? R.Height : 1;
        nint next = packed ? (nint)R.Height * run.Depth : R.Height * run.RowStride;
        int chunks = (run.Depth + Chunk - 1) / Chunk;
        for (; count > 0; count--)
        {
            R rows = default;
            if (run.Start == TileStart.Given)
                rows.Load(run.C, run.CStride);
            float* a = run.A, b = run.B, end = b + (nint)run.Depth * 2 * L.Width;
            // What is left to fetch, in equal parts over what is left to compute: a few cache lines a chunk.
            nint lines = (nint)Math.Min(16, (run.AheadEnd - run.Ahead + 15) / 16 / (count * chunks) + 1);
            while (b < end)
            {
                float* ahead = run.Ahead;
                for (float* stop = ahead + lines * 16; ahead < stop && ahead < run.AheadEnd; ahead += 16)
                    L.Prefetch(ahead);
                run.Ahead = ahead;
                float* pause = b + Chunk * 2 * L.Width;
                pause = pause < end ? pause : end;
                for (; b < pause; b += 2 * L.Width)
                {
                    rows.Add(a, rowStride, L.Load(b), L.Load(b + L.Width));
                    a += columnStride;
                }
            }
            if (run.Start == TileStart.ZeroThenAdded)
                rows.AddTo(run.C, run.CStride);
            else
                rows.Store(run.C, run.CStride);
            run.A += next;
            run.C += R.Height * run.CStride;
        }
    }
}

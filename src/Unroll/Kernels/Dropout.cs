namespace Unroll.Kernels;

/// <summary>Dropout masks (Srivastava et al. 2014, inverted: kept values are scaled up), drawn by position, so that
/// neither threads nor vector widths change them.</summary>
internal static unsafe class Dropout
{
    /// <summary>Fills rows of a mask with 0 (probability p) or 1/(1 − p).</summary>
    /// <param name="random">The update's stream.</param>
    /// <param name="firstRow">The number of the mask's first row among all rows that this update draws.</param>
    public static void Fill(Matrix mask, double probability, RandomStream random, long firstRow)
    {
        uint threshold = (uint)(probability * (1UL << 32));
        float keep = (float)(1 / (1 - probability));
        ulong blocksPerRow = (ulong)(mask.Columns + 3) / 4;
        for (int r = 0; r < mask.Rows; r++)
        {
            float* row = mask.Row(r);
            ulong counter = (ulong)(firstRow + r) * blocksPerRow;
            for (int u = 0; u < mask.Columns; u += 4, counter++)
            {
                (uint x0, uint x1, uint x2, uint x3) = random.Block(counter);
                row[u] = x0 < threshold ? 0 : keep;
                if (u + 1 < mask.Columns)
                    row[u + 1] = x1 < threshold ? 0 : keep;
                if (u + 2 < mask.Columns)
                    row[u + 2] = x2 < threshold ? 0 : keep;
                if (u + 3 < mask.Columns)
                    row[u + 3] = x3 < threshold ? 0 : keep;
            }
        }
    }

    /// <summary>target = source ⊙ mask, row by row.</summary>
    public static void Apply(Matrix source, Matrix mask, Matrix target)
    {
        for (int r = 0; r < source.Rows; r++)
            RowOperations.Multiply(source.Row(r), mask.Row(r), target.Row(r), source.Columns);
    }
}

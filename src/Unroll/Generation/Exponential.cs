namespace Unroll.Generation;

internal static class Exponential
{
    public static double Of(double x)
    {
        if (x < -700)
            return 0;
        double n = Math.Round(x * 1.4426950408889634);
        double r = x - n * 0.6931471803691238 - n * 1.9082149292705877e-10;
        double sum = 1;
        for (int i = 13; i >= 1; i--)
            sum = 1 + r / i * sum;
        return sum * BitConverter.Int64BitsToDouble(((long)n + 1023) << 52);
    }
}

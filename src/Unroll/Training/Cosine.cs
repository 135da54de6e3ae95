// Half a cosine for the learning-rate schedule, of additions and multiplications only: the platform's cosine may differ
// in the last bit from machine to machine, and a run would with it.
namespace Unroll.Training;

internal static class Cosine
{
    private const double HalfPi = 1.5707963267948966;

    /// <summary>cos(π·x) for x in [0, 1], to within 1e-15.</summary>
    public static double OfPi(double x)
    {
        // cos(πx) = sin(π(½ − x)), whose argument is at most π/2 in size; Taylor's series of the sine to the 23rd power.
        double angle = (1 - 2 * x) * HalfPi;
        double square = angle * angle;
        double sum = 1;
        for (int n = 22; n >= 2; n -= 2)
            sum = 1 - square / (n * (n + 1)) * sum;
        return angle * sum;
    }
}

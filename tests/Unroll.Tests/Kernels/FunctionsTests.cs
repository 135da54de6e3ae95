using Unroll.Kernels;
using Xunit;

namespace Unroll.Tests.Kernels;

/// <summary>exp, sigmoid, tanh and log against the platform's in double precision, over the whole range of floats.</summary>
public class FunctionsTests
{
    // Every 9973rd float, of either sign, from the smallest to the largest.
    private static readonly float[] Floats = [.. Enumerable.Range(0, 0x7F800000 / 9973)
        .Select(i => BitConverter.Int32BitsToSingle(i * 9973)).SelectMany(x => new[] { x, -x }).Order()];

    [Fact]
    public void Exp_is_within_one_and_a_half_units_in_the_last_place()
    {
        float[] x = [.. Floats.Where(x => x is >= -87 and <= 88)];
        Check<Exp>(x, Math.Exp, units: 1.5);
    }

    [Fact]
    public void Exp_stays_at_its_ends()
    {
        foreach (int width in new[] { 1, 4, 8, 16 })
        {
            float[] y = Lanes.Map<Exp>(width, [-87, -88, -1000, float.NegativeInfinity, 88, 89, 1000, float.PositiveInfinity]);
            Assert.All(y[..4], value => Assert.Equal(y[0], value));
            Assert.All(y[4..], value => Assert.Equal(y[4], value));
            Assert.InRange(y[0], float.Epsilon, 1.7e-38f);
            Assert.InRange(y[4], 1.6e38f, float.MaxValue);
        }
    }

    [Fact]
    public void Sigmoid_is_within_three_units_in_the_last_place() =>
        Check<Sigmoid>([.. Floats.Where(x => x >= -86)], x => 1 / (1 + Math.Exp(-x)), units: 3);

    [Fact]
    public void Tanh_is_within_four_units_in_the_last_place_down_to_the_smallest_numbers() =>
        Check<Tanh>([.. Floats.Where(x => Math.Abs(x) > 1e-37f)], Math.Tanh, units: 4);

    [Theory]
    [MemberData(nameof(Lanes.Widths), MemberType = typeof(Lanes))]
    public void Sigmoid_and_tanh_keep_to_their_ranges_and_end_at_them(int width)
    {
        float[] x = [.. Floats.Where((_, i) => i % 50 == 0), float.NegativeInfinity, float.PositiveInfinity];
        Assert.All(Lanes.Map<Sigmoid>(width, x), y => Assert.InRange(y, 0, 1));
        Assert.All(Lanes.Map<Tanh>(width, x), y => Assert.InRange(y, -1, 1));
        Assert.Equal([0.5f, 1, 1], Lanes.Map<Sigmoid>(width, [0, 30, float.PositiveInfinity]));
        Assert.All(Lanes.Map<Sigmoid>(width, [-90, float.NegativeInfinity]), y => Assert.InRange(y, 0, 1e-37f));
        Assert.Equal([0, 1, 1, -1, -1], Lanes.Map<Tanh>(width, [0, 20, float.PositiveInfinity, -20, float.NegativeInfinity]));
    }

    [Theory]
    [MemberData(nameof(Lanes.Widths), MemberType = typeof(Lanes))]
    public void No_function_hides_a_number_that_is_none(int width)
    {
        Assert.All(Lanes.Map<Exp>(width, [float.NaN]), y => Assert.True(float.IsNaN(y)));
        Assert.All(Lanes.Map<Sigmoid>(width, [float.NaN]), y => Assert.True(float.IsNaN(y)));
        Assert.All(Lanes.Map<Tanh>(width, [float.NaN]), y => Assert.True(float.IsNaN(y)));
    }

    [Fact]
    public void Every_width_gives_the_same_bits()
    {
        float[] x = [.. Floats.Where((_, i) => i % 7 == 0), float.NegativeInfinity, float.PositiveInfinity];
        SameBits<Exp>(x);
        SameBits<Sigmoid>(x);
        SameBits<Tanh>(x);

        static void SameBits<TFormula>(float[] x) where TFormula : Lanes.IFormula
        {
            int[] expected = Lanes.Bits(Lanes.Map<TFormula>(1, x));
            foreach (int width in new[] { 4, 8, 16 })
                Assert.Equal(expected, Lanes.Bits(Lanes.Map<TFormula>(width, x)));
        }
    }

    [Fact]
    public void Log_and_exp_in_double_are_within_two_units_in_the_last_place()
    {
        var random = new Random(1);
        double worstLog = 0, worstExp = 0;
        for (int i = 0; i < 200_000; i++)
        {
            double x = BitConverter.Int64BitsToDouble(random.NextInt64(0x0010000000000000, 0x7FF0000000000000));
            double near = 1 + (random.NextDouble() - 0.5) * Math.Pow(2, -random.Next(40));
            worstLog = Math.Max(worstLog, Math.Max(Units(Functions.Log(x), Math.Log(x)), Units(Functions.Log(near), Math.Log(near))));
            double power = random.NextDouble() * 1416 - 707;
            worstExp = Math.Max(worstExp, Units(Functions.Exp(power), Math.Exp(power)));
        }
        // One unit of these may be the platform's own.
        Assert.InRange(worstLog, 0, 3);
        Assert.InRange(worstExp, 0, 3);

        static double Units(double actual, double expected) =>
            expected == actual ? 0 : Math.Abs(actual - expected) / (Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected));
    }

    [Fact]
    public void Exp_of_many_is_exp_of_each()
    {
        var random = new Random(1);
        double[] x = [.. Enumerable.Range(0, 100_003).Select(i => (random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-60, 11))),
            double.NaN, double.NegativeInfinity, double.PositiveInfinity, 0, -0.0, 1, -1, 709, 709.1, -708, -708.1, double.Epsilon, 1e-310, -1e-300];
        double[] all = [.. x];
        Functions.Exp(all);
        Assert.Equal(x.Select(value => BitConverter.DoubleToInt64Bits(Functions.Exp(value))), all.Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public void Log_and_exp_in_double_know_their_limits()
    {
        Assert.Equal(0, Functions.Log(1));
        Assert.Equal(double.NegativeInfinity, Functions.Log(0));
        Assert.Equal(double.PositiveInfinity, Functions.Log(double.PositiveInfinity));
        Assert.Equal(double.NaN, Functions.Log(-1));
        Assert.Equal(double.NaN, Functions.Log(double.NaN));
        Assert.Equal(1, Functions.Exp(0));
        Assert.Equal(0, Functions.Exp(-1000));
        Assert.Equal(0, Functions.Exp(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, Functions.Exp(1000));
        Assert.Equal(double.NaN, Functions.Exp(double.NaN));
    }

    private static void Check<TFormula>(float[] x, Func<double, double> exact, double units) where TFormula : Lanes.IFormula
    {
        float[] y = Lanes.Map<TFormula>(LaneWidth.Current, x);
        (double worst, float at) = (0, 0);
        for (int i = 0; i < x.Length; i++)
        {
            double expected = exact(x[i]);
            float near = (float)Math.Abs(expected);
            double error = Math.Abs(y[i] - expected) / (MathF.BitIncrement(near) - near);
            if (!(error <= worst))
                (worst, at) = (error, x[i]);
        }
        Assert.True(worst <= units, $"{typeof(TFormula).Name}({at:R}) is off by {worst:f2} units in the last place.");
    }

    private struct Exp : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => Functions.Exp(x);
    }

    private struct Sigmoid : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => Functions.Sigmoid(x);
    }

    private struct Tanh : Lanes.IFormula
    {
        public static L Apply<L>(L x) where L : struct, ILanes<L> => Functions.Tanh(x);
    }
}

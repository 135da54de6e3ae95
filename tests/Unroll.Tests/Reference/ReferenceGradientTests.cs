using Unroll.Tests.Model;
using Xunit;

namespace Unroll.Tests.Reference;

/// <summary>The reference's own gradient against central differences of its loss: the definition of a derivative.</summary>
public class ReferenceGradientTests
{
    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void The_gradient_is_the_limit_of_differences(string name)
    {
        ModelCase kind = ModelCase.Find(name);
        Dictionary<string, double[]> parameters = kind.RandomParameters();
        (int[] inputs, int[] targets, double[][] state) = (kind.Ids(1), kind.Ids(2), kind.State(3).Reference);
        var noise = new ReferenceNoise
        {
            Output = (layer, t, row, unit) => (layer + 3 * t + 5 * row + 7 * unit) % 4 != 0 ? 1.4 : 0,
            State = (layer, row, unit) => (layer + 3 * row + 5 * unit) % 5 != 0 ? 1.2 : 0,
            Input = (t, row, element) => (t + 3 * row + 2 * element) % 6 != 0 ? 1.1 : 0,
            ActivationPenalty = 0.7,
            ChangePenalty = 0.4,
        };
        Dictionary<string, double[]> gradients = Run(differentiate: true).Gradients;

        var random = new Random(4);
        const double step = 1e-5;
        // Some of each tensor; of large models few, for each costs two runs.
        int samples = parameters.Values.Sum(values => values.Length) < 1000 ? 6 : 2;
        foreach ((string tensor, double[] values) in parameters)
            foreach (int index in Enumerable.Range(0, Math.Min(samples, values.Length)).Select(_ => random.Next(values.Length)))
            {
                double value = values[index];
                values[index] = value + step;
                double above = Run(differentiate: false).Objective;
                values[index] = value - step;
                double below = Run(differentiate: false).Objective;
                values[index] = value;
                // The error of the quotient is step² times a third derivative, and 1e-16 / step of rounding.
                Assert.Equal((above - below) / (2 * step), gradients[tensor][index], 1e-8);
            }

        ReferenceResult Run(bool differentiate) =>
            kind.Reference(parameters).Run(inputs, targets, kind.Batch, state, noise, differentiate);
    }
}

using Unroll.Model;
using Unroll.Tests.Reference;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>The engine's gradient against differences of the engine's own loss, without any other model in between.</summary>
public class EngineDifferencesTests
{
    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void A_step_along_the_gradient_changes_the_loss_by_its_length(string name)
    {
        foreach (ModelCase kind in (ModelCase[])[ModelCase.Find(name), Regularised(name)])
            AlongTheGradient(kind);
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void Each_tensor_s_largest_derivative_is_the_limit_of_differences(string name)
    {
        foreach (ModelCase kind in (ModelCase[])[ModelCase.Find(name), Regularised(name)])
            LargestDerivatives(kind);
    }

    /// <summary>All that dropout can do to a cell, at once; larger values would lead a difference across ReLU's kink.</summary>
    private static ModelCase Regularised(string name)
    {
        ModelCase kind = ModelCase.Find(name);
        return kind.HasMemory ? kind.WithDropout(0.2, DropoutMask.Locked).WithInputDropout(0.1, DropoutMask.Locked).WithStateDropout(0.3)
            : kind.Options.Activation == Activation.Relu ? kind
            : kind.WithDropout(0.2, DropoutMask.Locked);
    }

    private static void AlongTheGradient(ModelCase kind)
    {
        Run(kind, out float[] gradients, out Func<float[], double> lossAt);
        double norm = Math.Sqrt(gradients.Sum(value => (double)value * value));

        const double step = 5e-3;
        double difference = (lossAt(Along(step)) - lossAt(Along(-step))) / (2 * step);

        // Rounding leaves about 1e-7 / step, curvature step² times a third derivative.
        Assert.Equal(norm, difference, 2e-4 + 5e-4 * norm);

        float[] Along(double distance) => [.. gradients.Select(value => (float)(value / norm * distance))];
    }

    private static void LargestDerivatives(ModelCase kind)
    {
        Run(kind, out float[] gradients, out Func<float[], double> lossAt);

        foreach (ParameterTensor tensor in Parameters.Layout(kind.Options, kind.VocabularySize, kind.Ngrams).Where(tensor => tensor.Count > 0))
        {
            int index = Enumerable.Range((int)tensor.Offset, (int)tensor.Count).MaxBy(i => Math.Abs(gradients[i]));
            const double step = 5e-3;
            double difference = (lossAt(At(step)) - lossAt(At(-step))) / (2 * step);
            Assert.Equal(gradients[index], difference, 2e-4 + 5e-4 * Math.Abs(gradients[index]));

            float[] At(double distance)
            {
                float[] direction = new float[gradients.Length];
                direction[index] = (float)distance;
                return direction;
            }
        }
    }

    /// <summary>Trains once from a random state, and gives the loss as a function of a change of the parameters.</summary>
    private static void Run(ModelCase kind, out float[] gradients, out Func<float[], double> lossAt)
    {
        LanguageModel model = kind.Model();
        float[] values = model.Parameters.Values.ToArray();
        (int[] inputs, int[] targets, RecurrentState state) = (kind.Ids(1), kind.Ids(2), kind.State(3).Engine);
        using CpuEngine engine = Engines.Make(model, kind.Batch, kind.Steps, kind.Training);
        engine.SetState(state);
        engine.Train(inputs, targets, seed: 1, update: 1);
        gradients = [.. engine.Gradients, .. model.Parameters.Tensors.Where(Parameters.IsTable).SelectMany(table => engine.TableGradient(table.Name))];

        lossAt = change =>
        {
            for (int i = 0; i < values.Length; i++)
                model.Parameters.Values[i] = values[i] + change[i];
            using CpuEngine changed = Engines.Make(model, kind.Batch, kind.Steps, kind.Training);
            changed.SetState(state);
            return changed.Train(inputs, targets, seed: 1, update: 1);
        };
    }
}

using Unroll.Kernels;
using Unroll.Model;
using Unroll.Tests.Model;
using Unroll.Tests.Reference;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Oracles;

/// <summary>Rules, clipping and schedules against torch.optim's: three updates of whole models, and eight of given gradients.</summary>
public class OptimizerAgainstPyTorchTests
{
    public static TheoryData<string> Updated => [.. PyTorchCell.All.Where(cell => cell.Updates.Length > 0).Select(cell => cell.Name)];

    [Theory]
    [MemberData(nameof(Updated))]
    public void Three_updates_give_PyTorch_s_parameters(string name)
    {
        PyTorchCell cell = PyTorchCell.Find(name);
        foreach (PyTorchUpdates expected in cell.Updates)
        {
            var options = new TrainingOptions
            {
                Optimizer = Enum.Parse<OptimizerKind>(expected.Optimizer, ignoreCase: true),
                LearningRate = expected.Lr,
                Clip = expected.Clip,
                WeightDecay = expected.WeightDecay,
            };
            LanguageModel model = cell.Model();
            float[] start = model.Parameters.Values.ToArray();
            var optimizer = new Optimizer(options);
            using CpuEngine engine = Engines.Make(model, cell.Batch, cell.Steps, training: true, moments: optimizer.Moments.Count);
            foreach (double expectedNorm in expected.Norms)
            {
                engine.SetState(cell.StartState());
                engine.Train(cell.Inputs, cell.Targets, seed: 1, update: 1);
                double norm = engine.GradientNorm;
                Assert.Equal(expectedNorm, norm, 1e-5 * expectedNorm);
                engine.Update(optimizer.Next(norm, options.LearningRate));
            }

            // Adam divides a derivative by its own size: where that is near zero, so is the accuracy. PyTorch's clipping adds
            // 1e-6 to the norm it divides by.
            double tolerance = options.Optimizer == OptimizerKind.Sgd ? 1e-5 : 1e-4;
            foreach (ParameterTensor tensor in model.Parameters.Tensors)
                Close.Equal(expected.Parameters[tensor.Name], model.Parameters.Slice(tensor), tolerance, $"{expected.Optimizer}: {tensor.Name}");
            Assert.NotEqual(start, model.Parameters.Values.ToArray());
        }
    }

    public static TheoryData<int> Rules => [.. Enumerable.Range(0, PyTorchOptimizers.Numbers.Runs.Length)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Eight_updates_by_given_gradients_give_PyTorch_s_values(int number)
    {
        PyTorchRule expected = PyTorchOptimizers.Numbers.Runs[number];
        expected.Options.Validate();
        var optimizer = new Optimizer(expected.Options);
        float[] values = [.. PyTorchOptimizers.Numbers.Start];
        float[][] moments = [.. optimizer.Moments.Select(_ => new float[values.Length])];
        foreach ((float[] given, double[] after) in PyTorchOptimizers.Numbers.Gradients.Zip(expected.Values))
        {
            float[] gradient = [.. given]; // clipping changes it
            double norm = Math.Sqrt(gradient.Sum(g => (double)g * g));
            UpdateStep step = optimizer.Next(norm, expected.Lr);
            ParameterUpdate.Apply(values, gradient, moments, 0, PyTorchOptimizers.Weights, step);
            ParameterUpdate.Apply(values, gradient, moments, PyTorchOptimizers.Weights, values.Length, step with { Shrink = 1 });
            Close.Equal(after, values, 2e-6, expected.Options.ToString());
        }
    }

    [Fact]
    public void A_plateau_is_PyTorch_s()
    {
        PyTorchPlateau expected = PyTorchOptimizers.Numbers.Plateau;
        var options = new TrainingOptions { Schedule = Schedule.Plateau, PlateauPatience = expected.Patience, PlateauFactor = expected.Factor };
        var plateau = new Plateau();
        double best = double.PositiveInfinity;
        var scales = new List<double>();
        foreach (double loss in expected.Losses)
        {
            scales.Add(plateau.Scale);
            plateau.Add(options, isBest: loss < best);
            best = Math.Min(best, loss);
        }
        Assert.Equal(expected.Rates, scales);
        Assert.True(scales[^1] < 0.1);
    }

    [Fact]
    public void A_running_mean_is_PyTorch_s_average_of_a_model()
    {
        PyTorchOptimizers torch = PyTorchOptimizers.Numbers;
        float[] mean = new float[torch.Start.Length];
        int count = 0;
        foreach ((double[] values, double[] expected) in torch.Runs[0].Values.Zip(torch.Averages))
        {
            RunningMean.Add(mean, [.. values.Select(value => (float)value)], 1f / ++count);
            Close.Equal(expected, mean, 1e-6, "mean");
        }
    }

    [Fact]
    public void Powers_and_cosines_are_PyTorch_s()
    {
        PyTorchOptimizers torch = PyTorchOptimizers.Numbers;
        for (int tenth = 0; tenth <= 10; tenth++)
        {
            Assert.Equal(torch.Power.Rates[tenth], Rate(new() { Schedule = Schedule.Power, SchedulePower = torch.Power.Power }), 1e-14);
            Assert.Equal(torch.Cosine.Rates[tenth], Rate(new() { Schedule = Schedule.Cosine }), 1e-14);

            double Rate(TrainingOptions options) => LearningRate.At(options with { LearningRate = 1 }, 100, tenth / 10.0);
        }
    }

    [Fact]
    public void Every_optimizer_is_witnessed_with_and_without_decay_and_clipping()
    {
        List<PyTorchUpdates> all = [.. PyTorchCell.All.SelectMany(cell => cell.Updates)];
        Assert.Equal(["adam", "adamW", "sgd"], all.Select(updates => updates.Optimizer).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(all, updates => updates.Clip > 0 && updates.Norms.Any(norm => norm > updates.Clip));
        Assert.Contains(all, updates => updates.Optimizer == "sgd" && updates.WeightDecay > 0);
        Assert.Contains(all, updates => updates.Optimizer == "adam" && updates.WeightDecay > 0);
        Assert.Contains(all, updates => updates.Optimizer == "adamW" && updates.WeightDecay > 0);
    }
}

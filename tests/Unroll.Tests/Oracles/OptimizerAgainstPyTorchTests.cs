using Unroll.Model;
using Unroll.Tests.Model;
using Unroll.Tests.Reference;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Oracles;

/// <summary>Clipping and three updates of a model, against torch.optim's.</summary>
public class OptimizerAgainstPyTorchTests
{
    [Theory]
    [MemberData(nameof(PyTorchCell.Names), MemberType = typeof(PyTorchCell))]
    public void Three_updates_give_PyTorch_s_parameters(string name)
    {
        PyTorchCell cell = PyTorchCell.Find(name);
        Assert.NotEmpty(cell.Updates);
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

    [Fact]
    public void Every_optimizer_is_witnessed_with_and_without_decay_and_clipping()
    {
        List<PyTorchUpdates> all = [.. PyTorchCell.All.SelectMany(cell => cell.Updates)];
        Assert.Equal(["adam", "adamW", "sgd"], all.Select(updates => updates.Optimizer).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains(all, updates => updates.Clip > 0 && updates.Norms.Any(norm => norm > updates.Clip));
        Assert.Contains(all, updates => updates.Optimizer == "sgd" && updates.WeightDecay > 0);
        Assert.Contains(all, updates => updates.Optimizer == "adam" && updates.WeightDecay > 0);
    }
}

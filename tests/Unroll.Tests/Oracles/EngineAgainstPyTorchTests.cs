using Unroll.Model;
using Unroll.Tests.Model;
using Unroll.Tests.Reference;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Oracles;

/// <summary>The engine against PyTorch's numbers: the same names, shapes and gate order, the same losses and gradients.</summary>
public class EngineAgainstPyTorchTests
{
    [Theory]
    [MemberData(nameof(PyTorchCell.Names), MemberType = typeof(PyTorchCell))]
    public void The_engine_computes_what_PyTorch_computes(string name)
    {
        PyTorchCell cell = PyTorchCell.Find(name);
        LanguageModel model = cell.Model();
        using CpuEngine engine = Engines.Make(model, cell.Batch, cell.Steps, training: true);
        engine.SetState(cell.StartState());

        Assert.Equal(cell.Loss, engine.Train(cell.Inputs, cell.Targets, seed: 1, update: 1), 1e-6 * cell.Loss);
        foreach (ParameterTensor tensor in model.Parameters.Tensors)
            Close.Equal(cell.Gradients[tensor.Name], engine.Gradients.AsSpan((int)tensor.Offset, (int)tensor.Count), Close.SinglePrecision, tensor.Name);

        var state = new RecurrentState(cell.Options, cell.Batch);
        engine.GetState(state);
        for (int i = 0; i < cell.LastState.Length; i++)
            Close.Equal(cell.LastState[i], i < state.Layers ? state.Hidden(i) : state.Cell(i - state.Layers), Close.SinglePrecision, "state");

        engine.SetState(cell.StartState());
        float[] losses = new float[cell.Inputs.Length];
        engine.Evaluate(cell.Batch, cell.Inputs, cell.Targets, losses);
        Close.Equal(cell.Losses, losses, Close.SinglePrecision, "losses");
    }

    [Theory]
    [MemberData(nameof(PyTorchCell.Names), MemberType = typeof(PyTorchCell))]
    public void Step_by_step_the_engine_gives_PyTorch_s_logits(string name)
    {
        PyTorchCell cell = PyTorchCell.Find(name);
        using CpuEngine engine = Engines.Make(cell.Model(), cell.Batch, 1, training: false);
        engine.SetState(cell.StartState());
        for (int step = 0; step < cell.Steps; step++)
        {
            ReadOnlySpan<float> logits = engine.Step(cell.Inputs.AsSpan(step * cell.Batch, cell.Batch));
            for (int row = 0; row < cell.Batch; row++)
                Close.Equal(
                    cell.Logits.AsSpan((step * cell.Batch + row) * cell.Vocabulary, cell.Vocabulary),
                    logits.Slice(row * engine.LogitsStride, cell.Vocabulary), Close.SinglePrecision, $"logits of step {step}, row {row}");
        }
    }

    [Theory]
    [MemberData(nameof(PyTorchRegularised.Names), MemberType = typeof(PyTorchRegularised))]
    public void With_dropout_the_engine_computes_what_PyTorch_computes(string name)
    {
        PyTorchRegularised window = PyTorchRegularised.Find(name);
        LanguageModel model = window.Model();
        EngineTraining training = RunMemory.Trains(window.Training with { Batch = window.Batch, SequenceLength = window.Steps }, new RunOptions()).Training!;
        using CpuEngine engine = Engines.Make(model, window.Batch, window.Steps, training);
        engine.SetState(window.StartState());

        Assert.Equal(window.Loss, engine.Train(window.Inputs, window.Targets, window.Seed, window.Update), 1e-6 * window.Loss);
        foreach (ParameterTensor tensor in model.Parameters.Tensors)
            Close.Equal(window.Gradients[tensor.Name], engine.Gradients.AsSpan((int)tensor.Offset, (int)tensor.Count), Close.SinglePrecision, tensor.Name);

        var state = new RecurrentState(window.Options, window.Batch);
        engine.GetState(state);
        for (int i = 0; i < window.LastState.Length; i++)
            Close.Equal(window.LastState[i], i < state.Layers ? state.Hidden(i) : state.Cell(i - state.Layers), Close.SinglePrecision, "state");
    }
}

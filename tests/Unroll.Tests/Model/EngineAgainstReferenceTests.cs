using Unroll.Model;
using Unroll.Tests.Reference;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>The engine against the naive model in double precision, for every cell and every way to build a model of it.</summary>
public class EngineAgainstReferenceTests
{
    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void Training_gives_the_loss_the_gradients_and_the_state(string name)
    {
        ModelCase kind = ModelCase.Find(name);
        using CpuEngine engine = kind.Engine(training: true, new ThreadGrid(1, 2));
        var reference = kind.Reference();
        (RecurrentState start, double[][] state) = kind.State(1);
        engine.SetState(start);

        // The second window starts where the first ended, and the derivative does not reach back into it.
        for (int window = 0; window < 2; window++)
        {
            (int[] inputs, int[] targets) = (kind.Ids(10 + window), kind.Ids(20 + window));
            double loss = engine.Train(inputs, targets, seed: 1, update: (ulong)window);
            ReferenceResult expected = reference.Run(inputs, targets, kind.Batch, state);
            state = expected.State;

            Assert.Equal(expected.Loss, loss, 1e-6 * Math.Max(1, expected.Loss));
            CompareGradients(kind, expected, engine);
            CompareState(kind, expected, engine);
        }
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void Evaluating_gives_each_loss_and_the_state(string name)
    {
        ModelCase kind = ModelCase.Find(name).WithDropout(0.5); // which must not matter here
        using CpuEngine engine = kind.Engine(training: false, new ThreadGrid(1, 2));
        var reference = kind.Reference();
        (RecurrentState start, double[][] state) = kind.State(2);
        engine.SetState(start);

        for (int window = 0; window < 2; window++)
        {
            (int[] inputs, int[] targets) = (kind.Ids(30 + window), kind.Ids(40 + window));
            float[] losses = new float[inputs.Length];
            engine.Evaluate(kind.Batch, inputs, targets, losses);
            ReferenceResult expected = reference.Run(inputs, targets, kind.Batch, state, differentiate: false);
            state = expected.State;

            Close.Equal(expected.Losses, losses, Close.SinglePrecision, "losses");
            CompareState(kind, expected, engine);
        }
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void Stepping_gives_the_logits(string name)
    {
        ModelCase kind = ModelCase.Find(name);
        using CpuEngine engine = Engines.Make(kind.Model(), kind.Batch, 1, training: false);
        (RecurrentState start, double[][] state) = kind.State(3);
        engine.SetState(start);
        int[] inputs = kind.Ids(50);
        ReferenceResult expected = kind.Reference()
            .Run(inputs, kind.Ids(51), kind.Batch, state, differentiate: false);

        for (int step = 0; step < kind.Steps; step++)
        {
            ReadOnlySpan<float> logits = engine.Step(inputs.AsSpan(step * kind.Batch, kind.Batch));
            for (int row = 0; row < kind.Batch; row++)
                Close.Equal(
                    expected.Logits.AsSpan((step * kind.Batch + row) * kind.VocabularySize, kind.VocabularySize),
                    logits.Slice(row * engine.LogitsStride, kind.VocabularySize),
                    Close.SinglePrecision, $"logits of step {step}, row {row}");
        }
        CompareState(kind, expected, engine);
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void A_state_starts_at_zero_and_can_be_reset(string name)
    {
        ModelCase kind = ModelCase.Find(name);
        using CpuEngine engine = kind.Engine(training: false);
        (int[] inputs, int[] targets) = (kind.Ids(60), kind.Ids(61));
        ReferenceResult expected = kind.Reference()
            .Run(inputs, targets, kind.Batch, differentiate: false);
        float[] fresh = new float[inputs.Length], again = new float[inputs.Length];

        engine.Evaluate(kind.Batch, inputs, targets, fresh);
        engine.ResetState();
        engine.Evaluate(kind.Batch, inputs, targets, again);

        Close.Equal(expected.Losses, fresh, Close.SinglePrecision, "losses");
        Assert.Equal(fresh, again);
    }

    internal static void CompareGradients(ModelCase kind, ReferenceResult expected, CpuEngine engine)
    {
        IReadOnlyList<ParameterTensor> tensors = Parameters.Layout(kind.Options, kind.VocabularySize, kind.Ngrams);
        Assert.Equal(tensors.Where(tensor => !Parameters.IsTable(tensor)).Sum(tensor => tensor.Count), engine.Gradients.Length);
        foreach (ParameterTensor tensor in tensors)
            Close.Equal(expected.Gradients[tensor.Name],
                Parameters.IsTable(tensor) ? engine.TableGradient(tensor.Name) : engine.Gradients.AsSpan((int)tensor.Offset, (int)tensor.Count),
                Close.SinglePrecision, tensor.Name);
    }

    internal static void CompareState(ModelCase kind, ReferenceResult expected, CpuEngine engine)
    {
        var state = new RecurrentState(kind.Options, kind.Batch);
        engine.GetState(state);
        for (int layer = 0; layer < kind.Options.Layers; layer++)
            Close.Equal(expected.State[layer], state.Hidden(layer), Close.SinglePrecision, $"hidden vectors of layer {layer}");
        for (int layer = 0; state.HasCell && layer < kind.Options.Layers; layer++)
            Close.Equal(expected.State[kind.Options.Layers + layer], state.Cell(layer), Close.SinglePrecision, $"memory cells of layer {layer}");
    }
}

using Unroll.Model;
using Unroll.Tests.Reference;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>Dropout: where it acts, how often, and that its derivative is right.</summary>
public class EngineDropoutTests
{
    public static TheoryData<string> Kinds =>
        ["rnn tanh", "rnn relu, 2 layers", "gru, 3 layers, tied", "gru reset before, 1 bias, 2 layers", "lstm", "lstm, 2 layers, tied", "lstm, 3 layers"];

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void Training_with_dropout_gives_the_loss_the_gradients_and_the_state(string name)
    {
        ModelCase kind = ModelCase.Find(name).WithDropout(0.3);
        (RecurrentState start, double[][] state) = kind.State(1);
        using CpuEngine engine = kind.Engine(training: true, new ThreadGrid(1, 2));
        engine.SetState(start);
        (int[] inputs, int[] targets) = (kind.Ids(10), kind.Ids(20));
        double loss = engine.Train(inputs, targets, seed: 5, update: 6);

        // Row (l·T + t)·B + b of the update's masks, four units to a block of random numbers: see docs/the-maths.md.
        var random = new RandomStream(5, RandomPurpose.Dropout, 6);
        bool Keep(int layer, int step, int row, int unit)
        {
            int maskRow = (layer * kind.Steps + step) * kind.Batch + row;
            (uint a, uint b, uint c, uint d) = random.Block((ulong)(maskRow * ((kind.Options.HiddenSize + 3) / 4) + unit / 4));
            return (unit % 4) switch { 0 => a, 1 => b, 2 => c, _ => d } >= 0.3 * 4294967296.0;
        }
        ReferenceResult expected = kind.Reference()
            .Run(inputs, targets, kind.Batch, state, Keep, kind.Dropout);

        Assert.Equal(expected.Loss, loss, 1e-6 * Math.Max(1, expected.Loss));
        EngineAgainstReferenceTests.CompareGradients(kind, expected, engine);
        EngineAgainstReferenceTests.CompareState(kind, expected, engine);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Another_update_drops_other_outputs_and_the_same_update_the_same(string name)
    {
        ModelCase kind = ModelCase.Find(name).WithDropout(0.5);
        double Loss(ulong seed, ulong update)
        {
            using CpuEngine engine = kind.Engine(training: true);
            return engine.Train(kind.Ids(1), kind.Ids(2), seed, update);
        }

        Assert.Equal(Loss(1, 1), Loss(1, 1));
        Assert.NotEqual(Loss(1, 1), Loss(1, 2));
        Assert.NotEqual(Loss(1, 1), Loss(2, 1));
    }

    [Fact]
    public void The_top_layer_s_state_is_carried_undropped()
    {
        // One layer: dropout acts on what the decoder reads, never on the state.
        ModelCase kind = ModelCase.Find("lstm");
        Assert.Equal(StateAfter(kind), StateAfter(kind.WithDropout(0.7)));

        static float[] StateAfter(ModelCase kind)
        {
            using CpuEngine engine = kind.Engine(training: true);
            engine.Train(kind.Ids(1), kind.Ids(2), seed: 1, update: 1);
            var state = new RecurrentState(kind.Options, kind.Batch);
            engine.GetState(state);
            return [.. state.Hidden(0), .. state.Cell(0)];
        }
    }
}

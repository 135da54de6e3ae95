using Unroll.Model;
using Unroll.Tests.Reference;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>Dropout: where it acts, how often, and that its derivative is right.</summary>
public class NetworkDropoutTests
{
    public static TheoryData<string> Kinds =>
        ["rnn tanh", "rnn relu, 2 layers", "gru, 3 layers, tied", "gru reset before, 1 bias, 2 layers", "lstm", "lstm, 2 layers, tied", "lstm, 3 layers"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Another_update_drops_other_outputs_and_the_same_update_the_same(string name)
    {
        ModelCase kind = ModelCase.Find(name).WithDropout(0.5);
        double Loss(ulong seed, ulong update)
        {
            using var network = new Network(kind.Model(), kind.Batch, kind.Steps, threads: 1, training: true);
            return network.Train(kind.Ids(1), kind.Ids(2), seed, update);
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
            using var network = new Network(kind.Model(), kind.Batch, kind.Steps, threads: 1, training: true);
            network.Train(kind.Ids(1), kind.Ids(2), seed: 1, update: 1);
            var state = new RecurrentState(kind.Options, kind.Batch);
            network.GetState(state);
            return [.. state.Hidden(0), .. state.Cell(0)];
        }
    }
}

using Unroll.Model;
using Unroll.Tests.Reference;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>Dropout: where it acts, how often, and that its derivative is right.</summary>
public class EngineDropoutTests
{
    public static TheoryData<string> WithMemory => [.. ModelCase.Kinds.Where(kind => kind.HasMemory).Select(kind => kind.Name)];

    public static TheoryData<string> Kinds =>
        ["rnn tanh", "rnn relu, 2 layers", "gru, 3 layers, tied", "gru reset before, 1 bias, 2 layers", "lstm", "lstm, 2 layers, tied", "lstm, 3 layers", "cifg, 2 layers, tied"];

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void Training_with_dropout_gives_the_loss_the_gradients_and_the_state(string name)
    {
        ModelCase kind = ModelCase.Find(name).WithDropout(0.3);
        // Row (l·T + t)·B + b of the update's masks: see docs/the-maths.md.
        Compare(kind, new ReferenceNoise
        {
            Output = (layer, step, row, unit) =>
                Factor(RandomPurpose.Dropout, (layer * kind.Steps + step) * kind.Batch + row, unit, kind.Options.HiddenSize, 0.3),
        });
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void Locked_masks_are_the_same_at_every_step(string name)
    {
        ModelCase kind = ModelCase.Find(name).WithDropout(0.3, DropoutMask.Locked);
        Compare(kind, new ReferenceNoise
        {
            Output = (layer, _, row, unit) => Factor(RandomPurpose.Dropout, layer * kind.Batch + row, unit, kind.Options.HiddenSize, 0.3),
        });
    }

    [Theory]
    [MemberData(nameof(WithMemory))]
    public void Dropped_states_are_neither_read_above_nor_by_the_next_step(string name)
    {
        foreach (double dropout in (double[])[0, 0.3])
        {
            ModelCase kind = ModelCase.Find(name).WithStateDropout(0.4).WithDropout(dropout, DropoutMask.Locked);
            Compare(kind, new ReferenceNoise
            {
                State = (layer, row, unit) => Factor(RandomPurpose.StateDropout, layer * kind.Batch + row, unit, kind.Options.HiddenSize, 0.4),
                Output = (layer, _, row, unit) => Factor(RandomPurpose.Dropout, layer * kind.Batch + row, unit, kind.Options.HiddenSize, dropout),
            });
        }
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void Dropped_inputs_are_elements_of_a_vector_or_whole_tokens(string name)
    {
        foreach (DropoutMask mask in Enum.GetValues<DropoutMask>())
        {
            ModelCase kind = ModelCase.Find(name).WithInputDropout(0.3, mask);
            bool isLocked = mask == DropoutMask.Locked, oneHot = kind.Options.EmbeddingSize == 0;
            Compare(kind, new ReferenceNoise
            {
                // A one-hot token has one number at each step, or, where masks are locked, one for each token of the vocabulary.
                Input = (step, row, element) => oneHot && !isLocked ? Factor(RandomPurpose.InputDropout, step * kind.Batch + row, 0, 1, 0.3)
                    : Factor(RandomPurpose.InputDropout, isLocked ? row : step * kind.Batch + row, element, oneHot ? kind.VocabularySize : kind.Options.EmbeddingSize, 0.3),
            });
        }
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void Penalties_on_outputs_change_gradients_and_no_loss(string name)
    {
        foreach ((double activation, double change) in ((double, double)[])[(0.8, 0), (0, 0.6), (0.5, 0.9)])
            Compare(ModelCase.Find(name).WithPenalties(activation, change), new ReferenceNoise { ActivationPenalty = activation, ChangePenalty = change });
        ModelCase dropped = ModelCase.Find(name).WithPenalties(0.5, 0.5).WithDropout(0.3, DropoutMask.Locked);
        Compare(dropped, new ReferenceNoise
        {
            ActivationPenalty = 0.5,
            ChangePenalty = 0.5,
            Output = (layer, _, row, unit) => Factor(RandomPurpose.Dropout, layer * dropped.Batch + row, unit, dropped.Options.HiddenSize, 0.3),
        });
    }

    // Units come four to a block of random numbers.
    private static double Factor(RandomPurpose purpose, int maskRow, int unit, int units, double probability)
    {
        (uint a, uint b, uint c, uint d) = new RandomStream(5, purpose, 6).Block((ulong)(maskRow * ((units + 3) / 4) + unit / 4));
        return (unit % 4) switch { 0 => a, 1 => b, 2 => c, _ => d } >= probability * 4294967296.0 ? 1 / (1 - probability) : 0;
    }

    private static void Compare(ModelCase kind, ReferenceNoise noise)
    {
        (RecurrentState start, double[][] state) = kind.State(1);
        using CpuEngine engine = kind.Engine(training: true, new ThreadGrid(1, 2));
        engine.SetState(start);
        (int[] inputs, int[] targets) = (kind.Ids(10), kind.Ids(20));
        double loss = engine.Train(inputs, targets, seed: 5, update: 6);

        ReferenceResult expected = kind.Reference().Run(inputs, targets, kind.Batch, state, noise);

        Assert.Equal(expected.Loss, loss, 1e-6 * Math.Max(1, expected.Loss));
        EngineAgainstReferenceTests.CompareGradients(kind, expected, engine);
        EngineAgainstReferenceTests.CompareState(kind, expected, engine);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Another_update_drops_other_outputs_and_the_same_update_the_same(string name)
    {
        ModelCase plain = ModelCase.Find(name);
        foreach (ModelCase kind in (ModelCase[])[plain.WithDropout(0.5), plain.WithDropout(0.5, DropoutMask.Locked), plain.WithInputDropout(0.5), plain.WithInputDropout(0.5, DropoutMask.Locked), .. plain.HasMemory ? [plain.WithStateDropout(0.5)] : (ModelCase[])[]])
        {
            double Loss(ulong seed, ulong update)
            {
                using CpuEngine engine = kind.Engine(training: true);
                return engine.Train(kind.Ids(1), kind.Ids(2), seed, update);
            }

            Assert.Equal(Loss(1, 1), Loss(1, 1));
            Assert.NotEqual(Loss(1, 1), Loss(1, 2));
            Assert.NotEqual(Loss(1, 1), Loss(2, 1));
        }
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

    [Theory]
    [MemberData(nameof(WithMemory))]
    public void Nothing_is_dropped_where_nothing_is_trained(string name)
    {
        ModelCase kind = ModelCase.Find(name);
        Assert.Equal(Losses(kind), Losses(kind.WithStateDropout(0.5).WithInputDropout(0.5).WithPenalties(1, 1).WithDropout(0.5, DropoutMask.Locked)));

        static float[] Losses(ModelCase kind)
        {
            using CpuEngine engine = kind.Engine(training: true);
            engine.Train(kind.Ids(1), kind.Ids(2), seed: 1, update: 1);
            engine.ResetState();
            float[] losses = new float[kind.Steps * kind.Batch];
            engine.Evaluate(kind.Batch, kind.Ids(3), kind.Ids(4), losses);
            return losses;
        }
    }
}

using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>Sizes, ids and states that fit, and those that do not.</summary>
public class NetworkShapeTests
{
    [Fact]
    public void The_book_s_shapes()
    {
        // d2l 8.5: B = 2, T = 5, V = 28, H = 512 → outputs (10, 28), one state tensor (2, 512).
        var kind = new ModelCase("the book's", new() { Cell = CellKind.Rnn, HiddenSize = 512 }, VocabularySize: 28, Batch: 2, Steps: 5, Scale: 0.01);
        using var network = new Network(kind.Model(), 2, 5, threads: 2, training: true);
        Assert.Equal((2, 5), (network.Batch, network.Steps));

        float[] losses = new float[10];
        network.Evaluate(kind.Ids(1), kind.Ids(2), losses);
        Assert.All(losses, loss => Assert.Equal(Math.Log(28), loss, 0.1));

        Assert.True(network.LogitsStride >= 28);
        Assert.True(network.Step([3, 4]).Length >= network.LogitsStride + 28);
        var state = new RecurrentState(kind.Options, 2);
        network.GetState(state);
        Assert.All(state.Hidden(0).ToArray(), value => Assert.NotEqual(0, value));
        Assert.Equal(kind.Model().Parameters.Count, network.Gradients.Length);
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void A_step_allocates_nothing(string name)
    {
        ModelCase kind = ModelCase.Find(name).WithDropout(0.1);
        using var network = kind.Network(threads: 1, training: true);
        (int[] inputs, int[] targets, float[] losses) = (kind.Ids(1), kind.Ids(2), new float[kind.Steps * kind.Batch]);
        // The runtime itself allocates now and then while it compiles; a network that allocates does so every time.
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            network.Train(inputs, targets, seed: 1, update: (ulong)round);
            network.ParametersChanged();
            network.Evaluate(inputs, targets, losses);
            network.Feed(inputs);
            network.Step(inputs.AsSpan(0, kind.Batch));
            network.ResetState();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
    }

    [Fact]
    public void Changed_parameters_count_from_ParametersChanged_on()
    {
        ModelCase kind = ModelCase.Find("lstm, 2 layers, tied");
        LanguageModel model = kind.Model();
        using var network = new Network(model, kind.Batch, kind.Steps, threads: 1, training: true);
        double before = network.Train(kind.Ids(1), kind.Ids(2), 1, 1);
        model.Parameters.Values.Fill(0);
        network.ParametersChanged();
        network.ResetState();
        double after = network.Train(kind.Ids(1), kind.Ids(2), 1, 1);
        Assert.NotEqual(before, after);
        Assert.Equal(Math.Log(kind.VocabularySize), after, 1e-6); // all logits are equal
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void A_number_that_is_none_shows_in_the_loss(string name)
    {
        ModelCase kind = ModelCase.Find(name);
        LanguageModel model = kind.Model();
        model.Parameters["rnn.bias_ih_l0"].Fill(float.NaN);
        using var network = new Network(model, kind.Batch, kind.Steps, threads: 2, training: true);
        Assert.False(double.IsFinite(network.Train(kind.Ids(1), kind.Ids(2), 1, 1)));
        float[] losses = new float[kind.Steps * kind.Batch];
        network.Evaluate(kind.Ids(1), kind.Ids(2), losses);
        Assert.All(losses, loss => Assert.False(float.IsFinite(loss)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public void An_id_outside_the_vocabulary_is_refused_and_the_network_goes_on(int id)
    {
        ModelCase kind = ModelCase.Find("lstm");
        using var network = kind.Network(threads: 2, training: true);
        (int[] inputs, int[] targets) = (kind.Ids(1), kind.Ids(2));
        int[] wrong = [.. inputs[..^1], id];
        float[] losses = new float[inputs.Length];

        Assert.ThrowsAny<ArgumentException>(() => network.Train(wrong, targets, 1, 1));
        Assert.ThrowsAny<ArgumentException>(() => network.Train(inputs, wrong, 1, 1));
        Assert.ThrowsAny<ArgumentException>(() => network.Evaluate(wrong, targets, losses));
        Assert.ThrowsAny<ArgumentException>(() => network.Evaluate(inputs, wrong, losses));
        Assert.ThrowsAny<ArgumentException>(() => network.Feed(wrong));
        Assert.ThrowsAny<ArgumentException>(() => network.Step(wrong.AsSpan(wrong.Length - kind.Batch)).Length);

        network.ResetState();
        Assert.True(double.IsFinite(network.Train(inputs, targets, 1, 1)));
    }

    [Fact]
    public void Networks_come_and_go_without_leaving_threads()
    {
        ModelCase kind = ModelCase.Find("gru");
        int before = Count();
        for (int i = 0; i < 60; i++)
        {
            using var network = kind.Network(threads: 4, training: false);
            network.Feed(kind.Ids(i));
        }
        // Left behind, they would be 180; other tests have some at the same time.
        Assert.InRange(Count() - before, int.MinValue, 100);

        static int Count()
        {
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            return process.Threads.Count;
        }
    }
}

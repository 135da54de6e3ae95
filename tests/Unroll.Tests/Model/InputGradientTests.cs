using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>The way back from one prediction to what was read. What it is worth is tested where it is used (Looking).</summary>
public class InputGradientTests
{
    [Theory]
    [InlineData("lstm, 33 units, long window")]
    [InlineData("gru reset before, 1 bias, 2 layers")]
    [InlineData("cifg, adaptive softmax, embedding")]
    [InlineData("rnn, 100 units")]
    public void It_has_the_same_bits_on_any_number_of_threads_and_in_a_shorter_window(string name)
    {
        ModelCase kind = ModelCase.Find(name);
        int[] ids = kind.Ids(7, 10);
        float[]? first = null;
        foreach (ThreadGrid grid in (ThreadGrid[])[new(1, 1), new(1, 2), new(1, 3), new(2, 2), new(1, 5)])
            foreach (int steps in (int[])[9, 20])
            {
                using CpuEngine engine = Engines.Make(kind.Model(), rows: 1, steps, kind.Training, grid);
                float[] gradient = engine.InputGradient(ids.AsSpan(0, 9), ids[9]);
                first ??= gradient;
                Assert.Equal(first, gradient);
                engine.ResetState();
                Assert.Equal(first, engine.InputGradient(ids.AsSpan(0, 9), ids[9])); // whatever the call before has left
            }
    }

    [Fact]
    public void Training_goes_on_as_if_nobody_had_looked()
    {
        ModelCase kind = ModelCase.Find("lstm, 2 layers, tied") with { Batch = 1 };
        using CpuEngine looked = kind.Engine(training: true), other = kind.Engine(training: true);
        var state = new RecurrentState(kind.Options);
        looked.InputGradient(kind.Ids(1, 4), 3);
        looked.SetState(state);
        Assert.Equal(other.Train(kind.Ids(2), kind.Ids(3), seed: 1, update: 0), looked.Train(kind.Ids(2), kind.Ids(3), seed: 1, update: 0));
        Assert.Equal(other.Gradients, looked.Gradients);
        Assert.Equal(other.GradientNorm, looked.GradientNorm);
    }
}

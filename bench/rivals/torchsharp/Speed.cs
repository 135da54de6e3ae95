// The same steps as Unroll's Speed.cs, in libtorch, as well as we know how to set it up: what must be freed is freed at
// once or at every tenth step, nothing tracks gradients that needs none, and rival.sh sets the allocator.
using static TorchSharp.torch;

namespace Unroll.Cli.Measuring;

/// <summary>Measures libtorch's speeds.</summary>
internal static class Speed
{
    private const double LearningRate = 0.1;
    private const double GreatestNorm = 1;

    /// <summary>One training step: forward, backward, clipping, SGD.</summary>
    public static Timing Train(BenchConfiguration configuration, int threads, double seconds)
    {
        set_num_threads(threads);
        using var model = new TorchModel(configuration, configuration.Batch);
        using optim.Optimizer optimizer = optim.SGD(model.Parameters, LearningRate);
        using var loss = nn.CrossEntropyLoss();
        using Tensor inputs = randint(0, configuration.Vocabulary, [configuration.Steps, configuration.Batch]);
        using Tensor targets = randint(0, configuration.Vocabulary, [configuration.Tokens]);
        int steps = 0;
        return Timing.Of(() =>
        {
            using var scope = NewDisposeScope();
            Tensor value = loss.call(model.Forward(inputs), targets);
            optimizer.zero_grad();
            value.backward();
            nn.utils.clip_grad_norm_(model.Parameters, GreatestNorm);
            optimizer.step();
            // The graphs are freed by finalisers alone: without this memory runs out, and every step would pay for it. The
            // median of the steps does not, as nine of ten are without.
            if (++steps % 10 == 0)
                GC.Collect();
        }, seconds);
    }

    /// <summary>Scoring one window.</summary>
    public static Timing Evaluate(BenchConfiguration configuration, int threads, double seconds)
    {
        set_num_threads(threads);
        using var untracked = inference_mode();
        using var model = new TorchModel(configuration, configuration.Batch);
        using var loss = nn.CrossEntropyLoss();
        using Tensor inputs = randint(0, configuration.Vocabulary, [configuration.Steps, configuration.Batch]);
        using Tensor targets = randint(0, configuration.Vocabulary, [configuration.Tokens]);
        return Timing.Of(() =>
        {
            using var scope = NewDisposeScope();
            loss.call(model.Forward(inputs), targets).item<float>();
        }, seconds);
    }

    /// <summary>One token more for each of some streams, the likeliest each time.</summary>
    public static Timing Generate(BenchConfiguration configuration, int streams, int threads, double seconds)
    {
        const int TokensAtATime = 32;
        set_num_threads(threads);
        using var untracked = inference_mode();
        using var model = new TorchModel(configuration, streams);
        Tensor tokens = zeros([1, streams], ScalarType.Int64);
        Timing timing = Timing.Of(() =>
        {
            for (int i = 0; i < TokensAtATime; i++)
            {
                using var scope = NewDisposeScope();
                Tensor next = model.Forward(tokens).argmax(1).reshape(1, streams).MoveToOuterDisposeScope();
                tokens.Dispose();
                tokens = next;
            }
        }, seconds) / TokensAtATime;
        tokens.Dispose();
        return timing;
    }
}

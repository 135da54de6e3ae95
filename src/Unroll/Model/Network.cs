// The computation of a model for a fixed batch and window: forward, backward, step. All threads of a team run the same
// method over their shares and meet where one needs what another made; who does what never changes a result.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>A model unrolled over a window of T steps and B rows, with every buffer it needs. Not thread-safe; it uses
/// its own threads inside. After construction nothing is allocated.</summary>
internal sealed class Network : IDisposable
{
    /// <summary>With fewer rows than this per thread, the output layer is split by columns instead.</summary>
    private const int LeastRowsPerThread = 16;

    private readonly List<IDisposable> owned = [];
    private readonly LanguageModel model;
    private readonly ThreadTeam team;
    private readonly RecurrentLayer[] layers;
    private readonly Decoder decoder;
    private readonly double dropout;
    private readonly Matrix embedding;
    private readonly Matrix embeddingGradients;
    private readonly Matrix embedded;
    private readonly Matrix embeddedGradients;
    private readonly Matrix[] dropped = [];
    private readonly Matrix[] masks = [];
    private readonly PackedMatrix[] packedDropped = [];
    private readonly PackedMatrix? packedEmbedded;
    private readonly Matrix[] scratch = [];
    private readonly int[] inputs;
    private readonly int[] targets;
    private readonly float[] losses;
    private readonly Action<int> train;
    private readonly Action<int> feed;
    private readonly Action<int> evaluate;
    private readonly Action<int> step;
    private readonly float[]? gradients;
    private bool packed;
    private int currentSteps;
    private RandomStream dropoutRandom;

    /// <param name="model">The model; its parameters are read at the first use and after <see cref="ParametersChanged"/>.</param>
    /// <param name="batch">B.</param>
    /// <param name="steps">T.</param>
    /// <param name="threads">Threads that share the work; results do not depend on it.</param>
    /// <param name="training">Whether <see cref="Train"/> will be called: gradients and saved activations are kept.</param>
    /// <param name="dropout">The probability with which <see cref="Train"/> drops each output of a recurrent layer.</param>
    public Network(LanguageModel model, int batch, int steps, int threads, bool training, double dropout = 0)
    {
        ModelOptions options = model.Options;
        (this.model, this.dropout, Batch, Steps) = (model, dropout, batch, steps);
        int rows = checked(batch * steps);
        gradients = training ? GC.AllocateArray<float>(model.Parameters.Count, pinned: true) : null;
        layers = [.. Enumerable.Range(0, options.Layers).Select(layer => new RecurrentLayer(model, layer, batch, steps, gradients))];
        decoder = new Decoder(model, rows, gradients);
        if (options.EmbeddingSize > 0)
        {
            ParameterTensor tensor = model.Parameters.Find("embedding.weight")!;
            embedding = Matrix.OfPinned(model.Parameters.Storage, tensor.Offset, tensor.Rows, tensor.Columns);
            embedded = Matrix.Allocate(rows, options.EmbeddingSize, owned);
            if (training)
            {
                embeddingGradients = Matrix.OfPinned(gradients!, tensor.Offset, tensor.Rows, tensor.Columns);
                embeddedGradients = Matrix.Allocate(rows, options.EmbeddingSize, owned);
                owned.Add(packedEmbedded = new PackedMatrix(rows, options.EmbeddingSize));
            }
        }
        if (training)
            scratch = [.. Enumerable.Range(0, threads).Select(_ => Matrix.Allocate(1, WeightGradient.ScratchLength, owned))];
        if (training && dropout > 0)
        {
            dropped = [.. layers.Select(_ => Matrix.Allocate(rows, options.HiddenSize, owned))];
            masks = [.. layers.Select(_ => Matrix.Allocate(rows, options.HiddenSize, owned))];
            packedDropped = [.. layers.Select(_ => new PackedMatrix(rows, options.HiddenSize))];
            owned.AddRange(packedDropped);
        }
        (inputs, targets, losses) = (new int[rows], new int[rows], new float[rows]);
        team = new ThreadTeam(threads);
        (train, feed, evaluate, step) = (TrainShare, FeedShare, EvaluateShare, StepShare);
    }

    /// <summary>B.</summary>
    public int Batch { get; }

    /// <summary>T.</summary>
    public int Steps { get; }

    /// <summary>The gradient of the mean loss, laid out as the parameters; valid after <see cref="Train"/>.</summary>
    public float[] Gradients => gradients ?? throw new InvalidOperationException("This network was not made for training.");

    /// <summary>The distance between two rows of <see cref="Step"/>'s result, at least V.</summary>
    public int LogitsStride => decoder.Logits.Stride;

    /// <summary>The network's threads, for work beside its own.</summary>
    public ThreadTeam Team => team;

    private bool HasDropout => masks.Length > 0;

    /// <summary>Tells that the model's parameters were written.</summary>
    public void ParametersChanged() => packed = false;

    /// <summary>Sets the carried state to zero.</summary>
    public void ResetState() => EachState((live, _, _) => live.Clear(), null);

    /// <summary>Sets the carried state.</summary>
    public void SetState(RecurrentState state) => EachState((live, kept, row) => kept.Slice(row * live.Length, live.Length).CopyTo(live), state);

    /// <summary>Copies the carried state out.</summary>
    public void GetState(RecurrentState state) => EachState((live, kept, row) => live.CopyTo(kept.Slice(row * live.Length, live.Length)), state);

    /// <summary>Forward and backward over one window from the carried state, which advances (detached).</summary>
    /// <param name="inputs">[T, B] ids, time-major.</param>
    /// <param name="targets">[T, B] ids, time-major.</param>
    /// <param name="seed">Keys the dropout masks.</param>
    /// <param name="update">Keys the dropout masks: the number of the update.</param>
    /// <returns>The mean cross-entropy in nats over the T·B predictions.</returns>
    public double Train(ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, ulong seed, ulong update)
    {
        _ = Gradients;
        ArgumentOutOfRangeException.ThrowIfNotEqual(inputs.Length, this.inputs.Length);
        Prepare(inputs, targets);
        dropoutRandom = new RandomStream(seed, RandomPurpose.Dropout, update);
        Run(train);
        double sum = 0;
        foreach (float loss in losses)
            sum += loss;
        return sum / losses.Length;
    }

    /// <summary>Forward over one window, or over its first steps; no dropout; the carried state advances.</summary>
    /// <param name="inputs">[t, B] ids, time-major, t ≤ T.</param>
    /// <param name="targets">[t, B] ids.</param>
    /// <param name="losses">[t, B]: each prediction's cross-entropy in nats.</param>
    public void Evaluate(ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, Span<float> losses)
    {
        Prepare(inputs, targets);
        Run(evaluate);
        this.losses.AsSpan(0, inputs.Length).CopyTo(losses);
    }

    /// <summary>Feeds tokens without asking for predictions (a warm-up): [t, B] ids, t ≤ T. The carried state advances.</summary>
    public void Feed(ReadOnlySpan<int> inputs)
    {
        Prepare(inputs, []);
        Run(feed);
    }

    /// <summary>Feeds one token per row and gives the logits [B, V] of the next; row b starts at b·<see cref="LogitsStride"/>.</summary>
    public ReadOnlySpan<float> Step(ReadOnlySpan<int> inputs)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(inputs.Length, Batch);
        Prepare(inputs, []);
        Run(step);
        return decoder.Logits.Slice(0, Batch).Storage;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        team.Dispose();
        owned.ForEach(item => item.Dispose());
        Array.ForEach(layers, layer => layer.Dispose());
        decoder.Dispose();
    }

    /// <summary>Copies a window in, refusing ids that would read past a table.</summary>
    private void Prepare(ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputs.Length, this.inputs.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(inputs.Length % Batch, 0);
        Check(inputs);
        Check(targets);
        inputs.CopyTo(this.inputs);
        targets.CopyTo(this.targets);
        currentSteps = inputs.Length / Batch;

        void Check(ReadOnlySpan<int> ids)
        {
            foreach (int id in ids)
                if ((uint)id >= (uint)model.Vocabulary.Count)
                    throw new ArgumentOutOfRangeException(nameof(inputs), id, "A token id lies outside the vocabulary.");
        }
    }

    private void Run(Action<int> share)
    {
        team.Run(share);
        packed = true;
    }

    private void PackShare(int thread)
    {
        if (packed)
            return;
        foreach (RecurrentLayer layer in layers)
            layer.Pack(thread, team.Count);
        decoder.Pack(thread, team.Count);
        team.Meet(thread);
    }

    /// <summary>Through all layers. What a layer reads of the one below it reads in this thread's share of the rows.</summary>
    private void ForwardShare(int thread, bool training)
    {
        PackShare(thread);
        (int start, int end) = Share.Of(currentSteps * Batch, team.Count, thread);
        if (!embedded.IsEmpty)
            Lookup.Gather(embedding, inputs.AsSpan(start, end - start), embedded.Slice(start, end - start));
        for (int layer = 0; layer < layers.Length; layer++)
        {
            layers[layer].Forward(inputs, layer == 0 ? embedded : OutputOf(layer - 1, training), currentSteps, team, thread);
            if (training && HasDropout)
            {
                Matrix mask = masks[layer].Slice(start, end - start);
                Dropout.Fill(mask, dropout, dropoutRandom, (long)layer * losses.Length + start);
                Dropout.Apply(layers[layer].Output.Slice(start, end - start), mask, dropped[layer].Slice(start, end - start));
            }
        }
    }

    /// <summary>What the next layer, or the decoder, reads.</summary>
    private Matrix OutputOf(int layer, bool training) => training && HasDropout ? dropped[layer] : layers[layer].Output;

    /// <summary>The same as <see cref="OutputOf"/> in training, rearranged for weight gradients.</summary>
    private PackedRows PackedOutputOf(int layer) => HasDropout ? new(packedDropped[layer], 0) : layers[layer].PackedOutput;

    /// <summary>Makes the last state the first of the next window; after a barrier, by one thread.</summary>
    private void CarryShare(int thread)
    {
        if (thread == 0)
            foreach (RecurrentLayer layer in layers)
                layer.CarryState(currentSteps);
    }

    private void FeedShare(int thread)
    {
        ForwardShare(thread, training: false);
        CarryShare(thread);
    }

    private void StepShare(int thread)
    {
        ForwardShare(thread, training: false);
        decoder.Forward(layers[^1].Output, 0, Batch, thread, team.Count);
        CarryShare(thread);
    }

    private void EvaluateShare(int thread)
    {
        ForwardShare(thread, training: false);
        int rows = currentSteps * Batch;
        (int start, int end) = Share.Of(rows, team.Count, thread);
        if (rows >= LeastRowsPerThread * team.Count)
            decoder.Forward(OutputOf(layers.Length - 1, false), start, end);
        else
        {
            decoder.Forward(OutputOf(layers.Length - 1, false), 0, rows, thread, team.Count);
            team.Meet(thread);
        }
        decoder.Score(targets, losses, 0, start, end);
        CarryShare(thread);
    }

    private void TrainShare(int thread)
    {
        ForwardShare(thread, training: true);
        int rows = losses.Length, parts = team.Count;
        (int start, int end) = Share.Of(rows, parts, thread);
        decoder.Forward(OutputOf(layers.Length - 1, true), start, end);
        decoder.Score(targets, losses, 1f / rows, start, end);
        decoder.InputGradient(layers[^1].OutputGradient, start, end);
        for (int layer = layers.Length - 1; layer >= 0; layer--)
        {
            Matrix outputGradient = layers[layer].OutputGradient.Slice(start, end - start);
            if (HasDropout)
                Dropout.Apply(outputGradient, masks[layer].Slice(start, end - start), outputGradient);
            layers[layer].Backward(Steps, team, thread);
            if (layer > 0)
                layers[layer].InputGradient(layers[layer - 1].OutputGradient, start, end);
            else if (!layers[0].IsLookup)
                layers[0].InputGradient(embeddedGradients, start, end);
        }
        WeightGradientsShare(thread, parts);
        team.Meet(thread);
        CarryShare(thread);
    }

    private void WeightGradientsShare(int thread, int parts)
    {
        for (int layer = 0; layer < layers.Length; layer++)
        {
            layers[layer].PackStates(thread, parts);
            if (HasDropout)
                packedDropped[layer].Pack(dropped[layer], thread, parts);
        }
        packedEmbedded?.Pack(embedded, thread, parts);
        team.Meet(thread);

        decoder.WeightGradients(PackedOutputOf(layers.Length - 1), scratch[thread], thread, parts);
        for (int layer = 0; layer < layers.Length; layer++)
            layers[layer].WeightGradients(inputs, layer > 0 ? PackedOutputOf(layer - 1) : new(packedEmbedded!, 0), scratch[thread], thread, parts);
        if (embedding.IsEmpty)
            return;
        // A tied embedding adds to what the decoder has just written; otherwise it starts from zero.
        if (model.Options.TieWeights)
            team.Meet(thread);
        (int start, int end) = Lookup.Columns(embedding.Columns, thread, parts);
        if (!model.Options.TieWeights)
            Lookup.Clear(embeddingGradients, start, end);
        Lookup.Scatter(embeddedGradients, inputs, embeddingGradients, start, end);
    }

    private delegate void StateAction(Span<float> live, Span<float> kept, int row);

    /// <summary>Runs over every row of every layer's hidden vectors and memory cells.</summary>
    private void EachState(StateAction action, RecurrentState? state)
    {
        if (state is not null && (state.Batch != Batch || state.Layers != layers.Length || state.HiddenSize != model.Options.HiddenSize
            || state.HasCell != (model.Options.Cell == CellKind.Lstm)))
            throw new ArgumentException("The state belongs to a model or a batch of another shape.", nameof(state));
        for (int layer = 0; layer < layers.Length; layer++)
        {
            for (int row = 0; row < Batch; row++)
            {
                action(layers[layer].HiddenState(row), state is null ? [] : state.Hidden(layer), row);
                if (model.Options.Cell == CellKind.Lstm)
                    action(layers[layer].CellState(row), state is null ? [] : state.Cell(layer), row);
            }
        }
    }
}

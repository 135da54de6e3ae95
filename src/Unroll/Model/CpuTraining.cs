// What training adds to the engine of an ordinary processor: dropout, the way back, gradients, their norm, and the update.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The way back through a window, and what comes of it.</summary>
internal sealed class CpuTraining : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly LanguageModel model;
    private readonly ThreadTeam team;
    private readonly NgramContexts? contexts;
    private readonly EmbeddingLayer? embedding;
    private readonly RecurrentLayer[] layers;
    private readonly OutputLayer? decoder;
    private readonly DenseGradients dense;
    private readonly SparseGradients? sparse; // in the decoder's place
    private readonly LayerGradients[] layerGradients;
    private readonly OutputDropout[] dropout = [];
    private readonly LockedMask[] stateMasks = [];
    private readonly InputDropout? inputDropout;
    private readonly OutputPenalty? penalty;
    private readonly bool drawsForWindows; // masks that stay for a whole window
    private readonly StepOrder order;
    private readonly BatchShare share;
    private readonly int steps;
    private readonly SharedGradients? shared; // with other ranks
    private readonly int[][] own = []; // [2][T·rows]: this rank's part of a minibatch
    private readonly TokenOrder? tokens;
    private readonly Matrix[] scratch;
    private readonly Action<int> update;
    private int[] inputs = [], targets = [];
    private float[] losses = [];
    private bool traces;
    private RandomStream random, stateRandom, inputRandom, ngramRandom;
    private UpdateStep step;
    private Action<int>? pack;

    /// <param name="model">The model.</param>
    /// <param name="options">What the engine is for.</param>
    /// <param name="team">Its threads.</param>
    /// <param name="order">The order of every minibatch's sums.</param>
    /// <param name="contexts">The n-grams of the window's positions, or null.</param>
    /// <param name="embedding">The layer below all others, if there is one.</param>
    /// <param name="layers">The recurrent layers.</param>
    /// <param name="decoder">The output layer, or null where the softmax is sampled.</param>
    /// <param name="dense">Where gradients go.</param>
    public CpuTraining(
        LanguageModel model, EngineOptions options, ThreadTeam team, StepOrder order, NgramContexts? contexts, EmbeddingLayer? embedding, RecurrentLayer[] layers, OutputLayer? decoder,
        DenseGradients dense)
    {
        (this.model, this.team, this.order, this.contexts, this.embedding, this.layers, this.decoder, this.dense) = (model, team, order, contexts, embedding, layers, decoder, dense);
        (EngineTraining training, int units) = (options.Training!, model.Options.HiddenSize);
        (share, steps) = (options.ShareOf(training), options.Steps);
        if (!share.IsWhole)
            own = [new int[share.Rows * options.Steps], new int[share.Rows * options.Steps]];
        if (dense.OfAll is null)
            sparse = new SparseGradients(model, decoder is null ? training.SoftmaxSample : 0, order.Sums, share.Batch * options.Steps, embedding);
        tokens = layers[0].IsLookup || (embedding is not null && sparse is null) ? new TokenOrder(order.Sums, model.Vocabulary.Count) : null;
        layerGradients = [.. layers.Select(layer => new LayerGradients(layer, dense, order, model.Vocabulary.EndId))];
        if (training.Dropout > 0)
            dropout = [.. layers.Select((_, layer) => new OutputDropout(layer, share, options.Steps, units, training.Dropout, training.DropoutMask))];
        if (training.StateDropout > 0)
            stateMasks = [.. layers.Select((_, layer) => new LockedMask(layer, share, units, training.StateDropout))];
        if (training.InputDropout > 0)
            inputDropout = new InputDropout(model, share, options.Steps, training.InputDropout, training.DropoutMask);
        if (training.ActivationPenalty > 0 || training.ChangePenalty > 0)
            penalty = new OutputPenalty(training.ActivationPenalty, training.ChangePenalty, (long)share.Batch * options.Steps * units);
        drawsForWindows = inputDropout is not null || stateMasks.Length > 0 || (dropout.Length > 0 && training.DropoutMask == DropoutMask.Locked);
        InputNgrams = NgramsOf(NgramTable.OfInputs(model, contexts), 0, options);
        OutputNgrams = NgramsOf(NgramTable.OfOutputs(model, contexts), 1, options);
        int length = ScratchLength(model.Options, model.Vocabulary.Count, share.Shards);
        scratch = [.. Enumerable.Range(0, team.Count).Select(_ => Matrix.Allocate(1, length, owned))];
        Moments = [.. Enumerable.Range(0, training.Moments).Select(_ => new float[model.Parameters.DenseCount])];
        update = UpdateShare;
        if (!share.IsWhole)
            shared = new SharedGradients(training.Ranks!, team.Count, dense, decoder is not null, layerGradients, sparse, embedding, [InputNgrams, OutputNgrams]);
    }

    /// <summary>The gradient of the mean loss, laid out as the parameters, zeros included.</summary>
    public float[] Gradients
    {
        get
        {
            if (dense.OfAll is { } whole)
                return whole;
            float[] all = new float[model.Parameters.DenseCount];
            dense.Values.CopyTo(all, dense.First);
            sparse!.CopyTo(all);
            return all;
        }
    }

    /// <summary>What the rule of updates remembers.</summary>
    public float[][] Moments { get; }

    /// <summary>How the tokens' vectors by n-gram learn; null where the model has none.</summary>
    public NgramGradients? InputNgrams { get; }

    /// <summary>How the logits by n-gram learn; null where the model has none.</summary>
    public NgramGradients? OutputNgrams { get; }

    /// <summary>The gradient's norm; not finite if an element is not.</summary>
    public double Norm => Math.Sqrt(dense.SumOfSquares + (sparse?.SumOfSquares ?? 0));

    /// <summary>Floats that a thread needs beside.</summary>
    public static int ScratchLength(ModelOptions options, int vocabularySize, int shards)
    {
        int widest = Math.Max(options.HiddenSize, options.EmbeddingSize);
        long sums = (long)TreeSum.Buffers(shards) * (Math.Max(widest, options.OutputNgrams > 0 ? vocabularySize : 0) + 16);
        return (int)Math.Max(WeightGradient.ScratchLength(widest, shards), sums);
    }

    /// <summary>What this engine has of a minibatch.</summary>
    /// <param name="all">[T, B].</param>
    /// <param name="which">Which of two places it may be copied to.</param>
    /// <returns>[T, rows].</returns>
    public ReadOnlySpan<int> Own(ReadOnlySpan<int> all, int which)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(all.Length, Predictions);
        if (share.IsWhole)
            return all;
        share.Take(all, own[which]);
        return own[which];
    }

    /// <summary>Takes up a minibatch.</summary>
    /// <param name="inputs">Ids, as rows lie in planes.</param>
    /// <param name="targets">Likewise.</param>
    /// <param name="losses">Where losses go.</param>
    /// <param name="seed">Keys the dropout masks, with the update's number.</param>
    /// <param name="allInputs">The ids that all ranks have, in any order.</param>
    /// <param name="allTargets">Likewise.</param>
    public void Prepare(int[] inputs, int[] targets, float[] losses, ulong seed, ulong update, ReadOnlySpan<int> allInputs, ReadOnlySpan<int> allTargets)
    {
        (this.inputs, this.targets, this.losses, traces) = (inputs, targets, losses, false);
        (random, stateRandom) = (new RandomStream(seed, RandomPurpose.Dropout, update), new RandomStream(seed, RandomPurpose.StateDropout, update));
        inputRandom = new RandomStream(seed, RandomPurpose.InputDropout, update);
        ngramRandom = new RandomStream(seed, RandomPurpose.NgramDropout, update);
        decoder?.Prepare(targets);
        sparse?.Prepare(inputs, targets, allInputs, allTargets, new RandomStream(seed, RandomPurpose.SoftmaxSample, update));
        tokens?.Sort(inputs);
        foreach (LayerGradients layer in layerGradients)
            layer.Prepare(inputs);
    }

    /// <summary>Takes up a window of one row whose last prediction only is followed back, to what the first layer read: a call that
    /// makes no gradient of a parameter.</summary>
    public void PrepareToTrace(int[] inputs, int[] targets, float[] losses)
    {
        Prepare(inputs, targets, losses, seed: 0, update: 0, inputs, targets);
        traces = true;
    }

    /// <summary>The mean of all ranks' losses, added up like gradients: each shard in its order, the shards as a tree.</summary>
    public double MeanLoss(ReadOnlySpan<float> losses)
    {
        double mine = order.Sums.Sum(losses);
        return (shared?.Add(mine) ?? mine) / Predictions;
    }

    /// <summary>Gathers the weights of a sampled softmax; all threads call it.</summary>
    public void Gather(int thread)
    {
        if (sparse?.Output is not { } output)
            return;
        output.Gather(thread, team.Count);
        team.Meet(thread);
        output.Decoder.Pack(thread, team.Count);
        team.Meet(thread);
    }

    /// <summary>Draws which vectors by n-gram are dropped, in some rows.</summary>
    public void DropNgrams(RowGroup group, int start, int end)
    {
        InputNgrams?.Dropout?.Draw(contexts!, group, start, end, ngramRandom);
        OutputNgrams?.Dropout?.Draw(contexts!, group, start, end, ngramRandom);
    }

    /// <summary>Draws the inputs' masks, and those that stay for a whole window; each member some rows of the group's, and they meet.</summary>
    public void Draw(Window window, RowGroup group, int member, ReadOnlySpan<int> inputs)
    {
        if (!drawsForWindows)
            return;
        (int start, int end) = Share.Of(group.Rows, group.Threads.Members, member);
        (start, end) = (group.FirstRow + start, group.FirstRow + end);
        foreach (LockedMask mask in stateMasks)
            mask.Draw(start, end, stateRandom);
        foreach (OutputDropout outputs in dropout)
            outputs.Draw(start, end, random);
        inputDropout?.Draw(window, group, start, end, inputs, inputRandom);
        group.Threads.Meet(member);
    }

    /// <summary>Drops elements of the vectors that the first layer reads, in some rows.</summary>
    public void DropInputs(RowGroup group, int start, int end)
    {
        if (embedding is not null)
            inputDropout?.Apply(group, start, end, embedding.Output);
    }

    /// <summary>[T·n]: what the rows of a group's one-hot tokens are multiplied by; empty where that is nothing.</summary>
    public ReadOnlySpan<float> InputFactors(RowGroup group) =>
        inputDropout is { Factors: { Length: > 0 } factors } ? factors.Slice(group.Base, group.AllRows) : [];

    /// <summary>[n, H]: the factors of a group's states; empty where they are not dropped.</summary>
    public Matrix StateMask(int layer, RowGroup group) => stateMasks.Length > 0 ? stateMasks[layer].Factors.Slice(group.FirstRow, group.Rows) : default;

    /// <summary>Drops outputs of a layer, in some rows.</summary>
    public void DropOut(int layer, Window window, RowGroup group, int start, int end)
    {
        if (dropout.Length > 0)
            dropout[layer].Forward(window, group, start, end, random);
    }

    /// <summary>What is read of a layer above it where outputs are dropped; null where they are not.</summary>
    public Matrix? Dropped(int layer, int start, int end) => dropout.Length > 0 ? dropout[layer].Output.Slice(start, end - start) : null;

    /// <summary>From the last layer's outputs to the gradients of all pre-activations of a group's rows.</summary>
    public void Backward(Window window, RowGroup group, int member)
    {
        (int start, int end) = group.ShareOf(member);
        if (traces)
            BackwardFromLast(group, member);
        else
            BackwardFromAll(group, start, end);
        int top = layers.Length - 1;
        for (int layer = top; layer >= 0; layer--)
        {
            if (dropout.Length > 0)
                dropout[layer].Backward(group, start, end);
            if (layer == top)
                penalty?.AddGradient(group, layer, start, end);
            layers[layer].Backward(inputs.AsSpan(group.Base, group.AllRows), group.Planes[layer], window.Steps, StateMask(layer, group), group.Threads, member);
            if (layer > 0)
                layers[layer].InputGradient(group.OutputGradient(layer - 1, start, end), start, end);
            else if (embedding is not null)
            {
                layers[0].InputGradient(embedding.OutputGradient(start, end), start, end);
                inputDropout?.Apply(group, start, end, embedding.AllOutputGradients);
            }
        }
    }

    /// <summary>[t, in]: the gradient of what the first layer read in a window of one row.</summary>
    public float[] InputGradient(int steps)
    {
        List<IDisposable> owned = [];
        Matrix gradient = embedding?.OutputGradient(0, steps) ?? Matrix.Allocate(steps, layers[0].InputSize, owned);
        if (embedding is null)
            layers[0].OneHotGradient(gradient, 0, steps);
        float[] rows = new float[steps * gradient.Columns];
        for (int step = 0; step < steps; step++)
            gradient.RowSpan(step).CopyTo(rows.AsSpan(step * gradient.Columns));
        owned.ForEach(item => item.Dispose());
        return rows;
    }

    private void BackwardFromAll(RowGroup group, int start, int end)
    {
        int top = layers.Length - 1;
        OutputLayer output = sparse?.Output?.Decoder ?? decoder!;
        output.ForwardToScore(Dropped(top, start, end) ?? group.Output(top, start, end), start, OutputNgrams?.Dropout);
        output.Score(sparse?.Output?.Targets ?? targets, losses, 1f / Predictions, start, end);
        output.InputGradient(group.OutputGradient(top, start, end), start);
    }

    // Only the last step's prediction of a row counts, and its loss is not divided by how many there are.
    private void BackwardFromLast(RowGroup group, int member)
    {
        (int start, int end) = group.ShareOf(member);
        int top = layers.Length - 1, last = group.Base + group.AllRows - 1;
        group.OutputGradient(top, start, end).Clear();
        group.Threads.Meet(member);
        if (member > 0)
            return;
        decoder!.ForwardToScore(group.Output(top, last, last + 1), last, null);
        decoder.Score(targets, losses, 1, last, last + 1);
        decoder.InputGradient(group.OutputGradient(top, last, last + 1), last);
    }

    /// <summary>From the gradients of all rows to those of the parameters, and the squares of their norm; all threads call it.</summary>
    public void WeightGradients(int thread)
    {
        if (traces)
            return;
        int parts = team.Count;
        team.Meet(thread);
        for (int layer = 0; layer < layers.Length; layer++)
        {
            layerGradients[layer].Pack(thread, parts);
            if (dropout.Length > 0)
                dropout[layer].Pack(order.Sums, thread, parts);
        }
        embedding?.Pack(order.Sums, thread, parts);
        decoder?.PackInputs(thread, parts);
        // Who asks other ranks is the caller's thread.
        if (thread == 0)
            InputNgrams?.Sort();
        if (thread == (shared is null ? parts - 1 : 0))
            OutputNgrams?.Sort();
        if (thread == 0)
            shared?.Prepare();
        team.Meet(thread);

        Matrix mine = scratch[thread];
        sparse?.Compute(PackedOutputOf(layers.Length - 1), mine, thread, parts);
        decoder?.WeightGradients(PackedOutputOf(layers.Length - 1), order.Sums, mine, thread, parts);
        shared?.Sums.Ready(thread);
        for (int layer = 0; layer < layers.Length; layer++)
        {
            PackedRows input = layer > 0 ? PackedOutputOf(layer - 1) : embedding?.PackedOutput(order.Starts) ?? default;
            layerGradients[layer].Compute(tokens, inputDropout is null ? [] : inputDropout.Factors, input, mine, shared?.Sums, thread, parts);
        }
        if (sparse is null)
            embedding?.WeightGradient(tokens!, mine, thread, parts);
        InputNgrams?.Compute(embedding!.AllOutputGradients, mine, thread, parts);
        OutputNgrams?.Compute(decoder!.Logits, mine, thread, parts);
        shared?.Sums.Ready(thread);
        if (thread == 0)
            shared?.Sums.Finish();
        team.Meet(thread);
        if (sparse is null && model.Options.TieWeights)
        {
            embedding!.AddTied(thread, parts);
            team.Meet(thread);
        }
        InputNgrams?.Square(thread, parts);
        OutputNgrams?.Square(thread, parts);
        sparse?.Square(thread, parts);
        dense.Square(thread, parts);
    }

    /// <summary>Moves the parameters and rearranges them for the next window.</summary>
    public void Update(in UpdateStep step, Action<int> pack)
    {
        (this.step, this.pack) = (step, pack);
        InputNgrams?.Prepare(step.Scale);
        OutputNgrams?.Prepare(step.Scale);
        team.Run(update);
    }

    /// <summary>Makes the rule of updates remember nothing.</summary>
    public void ForgetMoments()
    {
        Array.ForEach(Moments, Array.Clear);
        InputNgrams?.Forget();
        OutputNgrams?.Forget();
    }

    public void Dispose()
    {
        owned.ForEach(item => item.Dispose());
        Array.ForEach(layerGradients, item => item.Dispose());
        Array.ForEach(dropout, item => item.Dispose());
        InputNgrams?.Dispose();
        OutputNgrams?.Dispose();
        Array.ForEach(stateMasks, item => item.Dispose());
        sparse?.Dispose();
        inputDropout?.Dispose();
    }

    // Of the whole minibatch.
    private int Predictions => share.Batch * steps;

    private NgramGradients? NgramsOf(NgramTable? table, int number, EngineOptions options)
    {
        if (table is null)
            return null;
        double probability = options.Training!.NgramDropout;
        return new NgramGradients(table, order.Sums, share, options, probability > 0 ? new NgramDropout(number, table.Orders, share, options.Steps, probability) : null);
    }

    private PackedRows PackedOutputOf(int layer) => dropout.Length > 0 ? dropout[layer].PackedOutput(order.Starts) : layerGradients[layer].Output;

    private void UpdateShare(int thread)
    {
        dense.Update(Moments, step, thread, team.Count);
        sparse?.Update(Moments, step, thread, team.Count);
        InputNgrams?.Update(step.TableRate, thread, team.Count);
        OutputNgrams?.Update(step.TableRate, thread, team.Count);
        team.Meet(thread);
        pack!(thread);
    }
}

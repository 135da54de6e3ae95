// The engine of an ordinary processor. All threads of a team run the same method over their shares and meet where one needs what
// another made; who does what never changes a result.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>A model unrolled over windows of up to T steps and B rows, with every buffer it needs. After the first call of each
/// shape nothing is allocated.</summary>
internal sealed class CpuEngine : Engine
{
    /// <summary>With fewer rows than this for each thread, the output layer is divided by columns instead.</summary>
    private const int LeastRowsPerThread = 16;

    /// <summary>The most threads that work at a time: more would only wait for each other.</summary>
    internal static int Cores { get; set; } = Environment.ProcessorCount;

    private readonly ThreadTeam team;
    private readonly RecurrentLayer[] layers;
    private readonly EmbeddingLayer? embedding;
    private readonly OutputLayer? decoder; // null in training by a sampled softmax, which predicts nothing
    private readonly NgramContexts? contexts;
    private readonly CarriedStates states;
    private readonly WindowShapes windows;
    private readonly CpuTraining? training;
    private readonly int[] inputs;
    private readonly int[] targets;
    private readonly float[] losses;
    private readonly Action<int> train, feed, evaluate, distribute, step, predict, pack;
    private bool packed;
    private Memory<float> distributions; // of the call to Distributions
    private bool disposed;
    private Window window;
    private int predicted; // rows of the call to Predict

    /// <param name="model">The model.</param>
    /// <param name="options">What the engine is for.</param>
    /// <param name="grid">How threads divide the work, whatever the machine is like; null lets the engine choose.</param>
    public CpuEngine(LanguageModel model, EngineOptions options, ThreadGrid? grid = null) : base(model, options)
    {
        EngineMemory.Check(model.Options, model.Vocabulary.Count, options, model.Ngrams, model.Vocabulary.EndId is not null);
        long before = AlignedBuffer.TakenByThisThread;
        (ModelOptions shape, int rows) = (model.Options, checked(options.Rows * options.Steps));
        bool trains = options.Training is not null;
        layers = [.. Enumerable.Range(0, shape.Layers).Select(layer => new RecurrentLayer(model, layer, options.Rows, options.Steps, trains))];
        contexts = model.Ngrams is { } ngrams ? new NgramContexts(ngrams, shape.NgramOrder, model.Vocabulary.EndId, options.Rows, options.Steps) : null;
        states = new CarriedStates(model, layers, options.Rows, contexts);
        DenseGradients? dense = trains ? new DenseGradients(model.Parameters, SparseGradients.AreFor(options.Training, shape, model.Vocabulary.Count)) : null;
        embedding = shape.EmbeddingSize > 0 ? new EmbeddingLayer(model, NgramTable.OfInputs(model, contexts), rows, trains, dense?.OfAll) : null;
        (inputs, targets, losses) = (new int[rows], new int[rows], new float[rows]);
        team = new ThreadTeam(ThreadsFor(options, grid));
        (train, feed, evaluate, distribute, step, predict, pack) = (TrainShare, FeedShare, EvaluateShare, DistributeShare, StepShare, PredictShare, PackShare);
        windows = new WindowShapes(team, layers, shape.HiddenSize, grid);
        window = windows.Of(options.Rows, options.Steps);
        StepOrder? order = trains ? new StepOrder(window, options.ShareOf(options.Training!)) : null;
        decoder = SparseGradients.SoftmaxIsSampled(options.Training, model.Vocabulary.Count) ? null
            : OutputLayer.For(model, NgramTable.OfOutputs(model, contexts), rows, dense, order?.Sums);
        if (trains)
            training = new CpuTraining(model, options, team, order!, contexts, embedding, layers, decoder, dense!);
        AlignedBytes = AlignedBuffer.TakenByThisThread - before;
    }

    /// <inheritdoc/>
    public override bool IsDisposed => disposed;

    /// <inheritdoc/>
    public override int Threads => team.Count;

    /// <inheritdoc/>
    public override void Run(Action<int> share) => team.Run(share);

    /// <inheritdoc/>
    public override int LogitsStride => Output.Logits.Stride;

    /// <inheritdoc/>
    public override void LogProbabilities(ReadOnlySpan<float> logits, int row, Span<float> logProbabilities) => Output.LogProbabilities(logits[(row * LogitsStride)..], logProbabilities);

    /// <inheritdoc/>
    public override double GradientNorm => Training.Norm;

    /// <inheritdoc/>
    public override IReadOnlyList<float[]> Moments => training?.Moments ?? [];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, float[] Values)> TableMemories =>
        [.. new[] { training?.InputNgrams, training?.OutputNgrams }.OfType<NgramGradients>().Select(table => table.Memory)];

    /// <summary>What the last call left of its first rows in a layer: all steps' activations, where the engine trains.</summary>
    public RecurrentPlanes LastPlanes(int layer) => window.Groups[0].Planes[layer];

    /// <summary>Reads tokens as the first row and goes back from the loss of the last one's prediction; nothing is learned.</summary>
    /// <param name="inputs">[t] ids, t ≤ T.</param>
    /// <param name="target">The id that is to be predicted.</param>
    /// <returns>[t, in]: the gradient of the vectors that were read.</returns>
    public float[] InputGradient(ReadOnlySpan<int> inputs, int target)
    {
        Prepare(1, inputs, [.. new int[inputs.Length - 1], target]);
        Training.PrepareToTrace(this.inputs, targets, losses);
        RunWindow(train);
        return Training.InputGradient(inputs.Length);
    }

    /// <summary>Makes the rule of updates remember nothing.</summary>
    public void ForgetMoments() => Training.ForgetMoments();

    /// <summary>The losses of the last call, as rows lie in planes: of one row, step after step.</summary>
    public ReadOnlySpan<float> LastLosses => losses;

    /// <summary>The gradient of the mean loss, laid out as the parameters; valid after <see cref="Train"/>.</summary>
    public float[] Gradients => Training.Gradients;

    /// <summary>The gradient of a table by n-gram, zeros included; valid likewise.</summary>
    public float[] TableGradient(string name) => (name == NgramTable.InputName ? Training.InputNgrams : Training.OutputNgrams)!.WholeGradient();

    /// <summary>Bytes outside the garbage collector's heap.</summary>
    public long AlignedBytes { get; }

    /// <summary>The threads beside the caller's.</summary>
    public IReadOnlyList<Thread> Workers => team.Workers;

    private CarriedStates UsableStates => disposed ? throw new ObjectDisposedException(GetType().FullName) : states;
    private OutputLayer Output => decoder ?? throw new InvalidOperationException("An engine that trains by a sampled softmax predicts nothing.");

    private CpuTraining Training => training ?? throw new InvalidOperationException("This engine was not made for training.");

    /// <inheritdoc/>
    public override double Train(ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, ulong seed, ulong update)
    {
        Prepare(Options.Rows, Training.Own(inputs, 0), Training.Own(targets, 1));
        Training.Prepare(this.inputs, this.targets, losses, seed, update, inputs, targets);
        RunWindow(train);
        return Training.MeanLoss(losses);
    }

    /// <inheritdoc/>
    public override void Update(in UpdateStep step)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Training.Update(step, pack);
        packed = true;
    }

    /// <inheritdoc/>
    public override void Evaluate(int rows, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, Span<float> losses)
    {
        Prepare(rows, inputs, targets);
        Output.Prepare(this.targets.AsSpan(0, targets.Length));
        RunWindow(evaluate);
        window.Gather(this.losses, losses);
    }

    /// <inheritdoc/>
    public override void Distributions(int rows, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets, Memory<float> logProbabilities)
    {
        Prepare(rows, inputs, []);
        distributions = logProbabilities;
        Output.PrepareToPredict();
        RunWindow(distribute);
        distributions = default;
    }

    /// <inheritdoc/>
    public override void Feed(int rows, ReadOnlySpan<int> inputs)
    {
        Prepare(rows, inputs, []);
        RunWindow(feed);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Step(ReadOnlySpan<int> inputs)
    {
        Prepare(inputs.Length, inputs, []);
        Output.PrepareToPredict();
        RunWindow(step);
        return Output.Logits.Slice(0, inputs.Length).Storage;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Predict(int rows)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, Options.Rows);
        states.Collect();
        contexts?.FindLast(rows);
        predicted = rows;
        Output.PrepareToPredict();
        RunTeam(predict);
        return Output.Logits.Slice(0, rows).Storage;
    }

    /// <inheritdoc/>
    public override void ResetState(int row) => UsableStates.Reset(row);

    /// <inheritdoc/>
    public override void GetState(int row, RecurrentState state, int stateRow = 0) => UsableStates.Get(row, state, stateRow);

    /// <inheritdoc/>
    public override void SetState(int row, RecurrentState state, int stateRow = 0) => UsableStates.Set(row, state, stateRow);

    /// <inheritdoc/>
    public override void CopyState(int from, int to) => UsableStates.Copy(from, to);

    /// <inheritdoc/>
    public override void ParametersChanged() => packed = false;

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        team.Dispose();
        states.Dispose();
        Array.ForEach(layers, layer => layer.Dispose());
        embedding?.Dispose();
        decoder?.Dispose();
        training?.Dispose();
    }

    /// <summary>As many threads as asked for, but no more than there are cores (they would only wait for each other); where
    /// nothing is trained, no more than the work is worth.</summary>
    private int ThreadsFor(EngineOptions options, ThreadGrid? grid)
    {
        int most = MostThreads(options);
        return grid is { } given ? Math.Max(given.Threads, options.Threads)
            : options.Training is not null ? most
            : ThreadGrid.Choose(layers[0].Shape, Model.Options.HiddenSize, options.Rows, options.Steps, most).Threads;
    }

    /// <summary>How many threads an engine has at most.</summary>
    public static int MostThreads(EngineOptions options) => options.Threads == 0 ? Environment.ProcessorCount : Math.Min(options.Threads, Cores);

    /// <summary>Copies a window in, as rows lie in planes, refusing ids that would read past a table.</summary>
    private void Prepare(int rows, ReadOnlySpan<int> inputs, ReadOnlySpan<int> targets)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, Options.Rows);
        ArgumentOutOfRangeException.ThrowIfNotEqual(inputs.Length % rows, 0);
        int steps = inputs.Length / rows;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, Options.Steps);
        if (rows != window.Rows || steps != window.Steps)
            window = windows.Of(rows, steps);
        Take(inputs, this.inputs);
        Take(targets, this.targets);

        void Take(ReadOnlySpan<int> ids, int[] place)
        {
            window.Lay(ids, place);
            foreach (int id in ids)
                if ((uint)id >= (uint)Model.Vocabulary.Count)
                    throw new ArgumentOutOfRangeException(nameof(inputs), id, "A token id lies outside the vocabulary.");
        }
    }

    private void RunWindow(Action<int> share)
    {
        states.Begin(window);
        RunTeam(share);
        states.End(window);
    }

    // Every share packs the weights first if they have changed.
    private void RunTeam(Action<int> share)
    {
        team.Run(share);
        packed = true;
        GC.KeepAlive(this);
    }

    private void PackShare(int thread)
    {
        foreach (RecurrentLayer layer in layers)
            layer.Pack(thread, team.Count);
        decoder?.Pack(thread, team.Count);
    }

    private void PackIfChanged(int thread)
    {
        if (packed)
            return;
        PackShare(thread);
        team.Meet(thread);
    }

    /// <summary>Through all layers. What a layer reads of the one below it reads in this member's share of the rows.</summary>
    private void Forward(RowGroup group, int member, CpuTraining? training)
    {
        if (states.ComeIn)
        {
            states.CarryIn(group, member);
            group.Threads.Meet(member);
        }
        training?.Draw(window, group, member, inputs);
        (int start, int end) = group.ShareOf(member);
        contexts?.Find(inputs, group, start, end);
        training?.DropNgrams(group, start, end);
        embedding?.Forward(inputs, start, end, training?.InputNgrams?.Dropout);
        training?.DropInputs(group, start, end);
        ReadOnlySpan<int> tokens = inputs.AsSpan(group.Base, group.AllRows);
        for (int layer = 0; layer < layers.Length; layer++)
        {
            Matrix input = layer > 0 ? training?.Dropped(layer - 1, start, end) ?? group.Output(layer - 1, start, end) : embedding?.Output.Slice(start, end - start) ?? default;
            layers[layer].Forward(tokens, training is null ? [] : training.InputFactors(group), input, group.Planes[layer], window.Steps, training?.StateMask(layer, group) ?? default, group.Threads, member, start - group.Base);
            training?.DropOut(layer, window, group, start, end);
        }
    }

    private void FeedShare(int thread)
    {
        PackIfChanged(thread);
        if (window.Place(thread) is not var (group, member))
            return;
        Forward(group, member, null);
        states.Advance(inputs, window, group, member);
    }

    private void StepShare(int thread)
    {
        PackIfChanged(thread);
        if (window.Place(thread) is not var (group, member))
            return;
        Forward(group, member, null);
        // Few rows: each member makes a part of their logits.
        Output.Forward(group.Output(layers.Length - 1, group.Base, group.Base + group.AllRows), group.Base, member, group.Threads.Members);
        states.Advance(inputs, window, group, member);
    }

    private void PredictShare(int thread)
    {
        PackIfChanged(thread);
        Output.Forward(states.Top.Slice(0, predicted), 0, thread, team.Count);
    }

    private void EvaluateShare(int thread)
    {
        if (LogitsOfShare(thread, toScore: true) is not var (group, member, start, end))
            return;
        Output.Score(targets, losses, 0, start, end);
        states.Advance(inputs, window, group, member);
    }

    private void DistributeShare(int thread)
    {
        if (LogitsOfShare(thread, toScore: false) is not var (group, member, start, end))
            return;
        int vocabularySize = Model.Vocabulary.Count;
        for (int position = start; position < end; position++)
        {
            (int step, int row) = Math.DivRem(position - group.Base, group.Rows);
            Output.LogProbabilities(
                Output.Logits.Slice(position, 1).Storage,
                distributions.Span.Slice((step * window.Rows + group.FirstRow + row) * vocabularySize, vocabularySize));
        }
        states.Advance(inputs, window, group, member);
    }

    /// <summary>Makes the logits of all rows, or what their scores need.</summary>
    /// <returns>A thread's place and share of the rows, or null where it has none.</returns>
    private (RowGroup Group, int Member, int Start, int End)? LogitsOfShare(int thread, bool toScore)
    {
        PackIfChanged(thread);
        if (window.Place(thread) is not var (group, member))
            return null;
        Forward(group, member, null);
        (int start, int end) = group.ShareOf(member);
        if (toScore && Output.ScoresWithoutLogits)
            Output.ForwardToScore(group.Output(layers.Length - 1, start, end), start, null);
        else if (group.AllRows >= LeastRowsPerThread * group.Threads.Members)
            Output.Forward(group.Output(layers.Length - 1, start, end), start);
        else
        {
            Output.Forward(group.Output(layers.Length - 1, group.Base, group.Base + group.AllRows), group.Base, member, group.Threads.Members);
            group.Threads.Meet(member);
        }
        return (group, member, start, end);
    }

    private void TrainShare(int thread)
    {
        PackIfChanged(thread);
        training!.Gather(thread);
        (RowGroup Group, int Member)? place = window.Place(thread);
        if (place is var (group, member))
        {
            Forward(group, member, training);
            training.Backward(window, group, member);
        }
        // The gradients read the states before the window too.
        training.WeightGradients(thread);
        if (place is var (ours, mine))
            states.Advance(inputs, window, ours, mine);
    }

    /// <inheritdoc/>
    public override void Check(RecurrentState state) => states.Check(state);
}

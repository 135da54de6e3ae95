// Reads a text through one network as anybody does, and keeps what its units did. What is kept is the engine's own: nothing is
// computed a second time, so what a page shows of a unit is what the model's next prediction was made from, to the bit.
using Unroll.Data.Tokens;
using Unroll.Kernels;
using Unroll.Looking;
using Unroll.Model;
using Unroll.Prediction;

namespace Unroll;

/// <summary>Shows what a network's units do while it reads. A text begins as after a line break (or, where the model knows none, after
/// a space or the commonest token), as for <see cref="TextPredictor"/>. Of a model of several networks it looks into one, and a memory
/// of counts has no units: probabilities are that network's alone. Not for several threads at once.</summary>
public sealed class UnitReader : IDisposable
{
    /// <summary>The longest text.</summary>
    public const int MostTokens = 20_000;

    /// <summary>The most tokens that a gradient goes back.</summary>
    public const int MostBack = 256;

    /// <summary>The most numbers of a trace: 400 MB.</summary>
    internal const long MostNumbers = 100_000_000;

    /// <summary>The most probabilities at a time: with a large vocabulary pieces are shorter.</summary>
    private const int MostProbabilities = 1 << 22;

    private readonly LanguageModel network;
    private readonly CpuEngine engine;
    private readonly TextEncoder encoder;
    private readonly int start, steps;
    private readonly float[] logProbabilities; // [steps, V]

    /// <summary>Prepares a network, which must not change while it is looked into.</summary>
    /// <param name="model">The model.</param>
    /// <param name="network">Which of its networks, from 0.</param>
    /// <exception cref="UnrollException">There is no such network, or not enough memory.</exception>
    public UnitReader(LanguageModel model, int network = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (network < 0 || network >= model.Members.Count)
            throw new UnrollException($"There is no network {network}: the model's networks have the numbers 0 to {model.Members.Count - 1}.");
        this.network = model.Members[network];
        Vocabulary vocabulary = model.Vocabulary;
        steps = Math.Clamp(MostProbabilities / vocabulary.Count, 1, MostBack);
        // One that could learn keeps the activations of all steps, and knows the way back. One row keeps one thread busy.
        engine = new CpuEngine(this.network, new EngineOptions { Rows = 1, Steps = MostBack, Threads = 1, Training = new EngineTraining() });
        encoder = new TextEncoder(vocabulary, whole: false);
        start = LineStart.Of(vocabulary);
        logProbabilities = new float[steps * vocabulary.Count];
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text, of at most 20,000 tokens; of a large network fewer.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>What the units did, and how likely each token was just before it came.</returns>
    /// <exception cref="UnrollException">The text is empty or too long.</exception>
    /// <exception cref="ObjectDisposedException">The reader has been disposed of.</exception>
    public UnitTrace Read(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ObjectDisposedException.ThrowIf(engine.IsDisposed, this);
        var scored = new ScoredIds(encoder.Encode(text));
        int[] ids = scored.Ids;
        CheckLength(ids.Length);
        engine.ResetState(row: 0);
        engine.Feed(rows: 1, [start]);
        Span<float> first = logProbabilities.AsSpan(0, network.Vocabulary.Count);
        engine.Predict(first);
        Take(scored, 0, first);
        var before = new RecurrentState(network.Options);
        engine.GetState(row: 0, before);
        var states = new StateRows(network.Options, ids.Length, before);
        var gates = new GateCounts(network.Options);
        for (int done = 0; done < ids.Length; done += steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Piece(scored, done, Math.Min(steps, ids.Length - done), states, gates);
        }
        return new UnitTrace(network, scored.Predictions(network.Vocabulary, encoder.Unknown), ids, start, states, gates.Shares(ids.Length));
    }

    /// <summary>How a token's prediction hangs on each of the tokens before it: the length of the gradient of its log-probability with
    /// respect to the vector that the network read there (its embedding or, where it has none, the one-hot vector), by which
    /// Madsen (2019, "Visualizing memorization in RNNs") shades a text.</summary>
    /// <param name="trace">A text, as this network read it.</param>
    /// <param name="token">Which token's prediction, from 0.</param>
    /// <param name="back">How many tokens to go back at most, 1 to 256.</param>
    /// <returns>The lengths in nats, of the last token before it last. Empty of the text's first token. What stands before the beginning
    /// of a document has none: 0.</returns>
    /// <exception cref="ArgumentException">Another network read it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such token, or it is not to go back so far.</exception>
    /// <exception cref="ObjectDisposedException">The reader has been disposed of.</exception>
    public IReadOnlyList<float> Influence(UnitTrace trace, int token, int back = 100)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, trace.Tokens.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(back, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(back, MostBack);
        ObjectDisposedException.ThrowIf(engine.IsDisposed, this);
        if (trace.Network != network)
            throw new ArgumentException("The text was read by another network.", nameof(trace));
        int first = Math.Max(0, token - back), count = token - first;
        if (count == 0)
            return [];
        engine.SetState(row: 0, trace.StateBefore(first));
        float[] gradient = engine.InputGradient(trace.Ids.AsSpan(first, count), trace.Ids[token]);
        int size = gradient.Length / count;
        float[] lengths = new float[count];
        for (int i = 0; i < count; i++)
            lengths[i] = Length(gradient.AsSpan(i * size, size));
        return lengths;
    }

    /// <inheritdoc/>
    public void Dispose() => engine.Dispose();

    private void CheckLength(int tokens)
    {
        long most = Math.Min(MostTokens, MostNumbers / StateRows.NumbersPerToken(network.Options));
        if (tokens == 0)
            throw new UnrollException("There is nothing to look into: the text has no tokens.");
        if (tokens > most)
            throw new UnrollException($"The text has {tokens} tokens, and this network can be looked into for {most} at a time: take a part of the text.");
    }

    private void Piece(ScoredIds scored, int done, int count, StateRows states, GateCounts gates)
    {
        int vocabularySize = network.Vocabulary.Count;
        ReadOnlySpan<int> inputs = scored.Ids.AsSpan(done, count);
        engine.Distributions(rows: 1, inputs, [], logProbabilities.AsMemory(0, count * vocabularySize));
        for (int layer = 0; layer < network.Options.Layers; layer++)
        {
            RecurrentPlanes planes = engine.LastPlanes(layer);
            for (int i = 0; i < count; i++)
                states.Take(planes, layer, i, done + i);
            gates.Add(planes, layer, count);
        }
        for (int i = 0; i < count && done + i + 1 < scored.Ids.Length; i++)
            Take(scored, done + i + 1, logProbabilities.AsSpan(i * vocabularySize, vocabularySize));
    }

    private static void Take(ScoredIds scored, int token, ReadOnlySpan<float> logProbabilities) =>
        (scored.Losses[token], scored.Entropies[token]) = (-logProbabilities[scored.Ids[token]], Entropy.Of(logProbabilities));

    private static float Length(ReadOnlySpan<float> vector)
    {
        double sum = 0;
        foreach (float value in vector)
            sum += (double)value * value;
        return (float)Math.Sqrt(sum);
    }
}

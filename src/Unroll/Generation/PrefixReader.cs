// Reads the prefixes of streams that have a slot and no row yet, several side by side, a piece at a time, so that those that are
// producing wait for no longer than a piece takes. Between pieces every stream has its own state, so who goes on is chosen anew.
using Unroll.Model;

namespace Unroll.Generation;

/// <summary>Brings streams from their prefix's beginning to their first token.</summary>
internal sealed class PrefixReader : IDisposable
{
    /// <summary>The largest piece.</summary>
    internal const int MostRows = 16, MostSteps = 64;

    /// <summary>A state is remembered after every so many tokens.</summary>
    internal const int Stretch = 256;

    // A step of few rows waits for the weights: it costs as many rows' arithmetic more (5 to 10, by the machine).
    private const int WeightRows = 6;

    // What a piece may cost beside streams that are producing, in rows' arithmetic: five steps of one row, or half of their own step.
    private const int LeastPiece = 5 * (1 + WeightRows);

    private const int Short = 128;

    private const int MostProbabilities = 1 << 20;

    private readonly Predictor predictor;
    private readonly StateTrie remembered;
    private readonly TurnRoom room;
    private readonly int vocabularySize;
    private readonly int mostScored; // positions whose distributions are made at a time
    private readonly List<GenerationStream> reading = []; // in the order in which they came
    private readonly List<GenerationStream> group = [];
    private readonly int[] inputs = new int[MostRows * MostSteps], targets = new int[MostRows * MostSteps];
    private float[] distributions = []; // [t, b, V]

    /// <param name="model">The model.</param>
    /// <param name="threads">Threads; 0 = as many as the work is worth.</param>
    /// <param name="remembered">Where states are remembered.</param>
    public PrefixReader(LanguageModel model, int threads, StateTrie remembered)
    {
        (this.remembered, vocabularySize, room) = (remembered, model.Vocabulary.Count, new TurnRoom(model.Vocabulary.Count));
        mostScored = Math.Clamp(MostProbabilities / vocabularySize, MostRows, inputs.Length);
        predictor = Predictor.For(model, new EngineOptions { Rows = MostRows, Steps = MostSteps, Threads = threads });
    }

    /// <summary>Tokens read so far.</summary>
    public long TokensRead { get; private set; }

    /// <summary>Tokens so far that need not be read.</summary>
    public long TokensCached { get; private set; }

    /// <summary>First tokens produced.</summary>
    public long TokensProduced { get; private set; }

    /// <summary>Streams here.</summary>
    public IReadOnlyList<GenerationStream> Reading => reading;

    /// <summary>Takes a stream in.</summary>
    public void Add(GenerationStream stream) => reading.Add(stream);

    /// <summary>Lets a stream go that is to end.</summary>
    public void RemoveAt(int index) => reading.RemoveAt(index);

    /// <summary>Reads a piece.</summary>
    /// <param name="others">How many streams are producing, and wait.</param>
    /// <param name="ready">Streams that have read their prefix, and have their first token if they are to have any.</param>
    /// <returns>Whether there was anything to read.</returns>
    public bool Read(int others, List<GenerationStream> ready)
    {
        Choose();
        if (group.Count == 0)
            return false;
        for (int row = 0; row < group.Count; row++)
            predictor.SetState(row, group[row].Text.State);
        int steps = StepsFor(others);
        if (steps > 0)
            Feed(steps);
        bool begins = group.Exists(stream => stream.Text.Left == 0 && stream.Text.Request.Options.Length > 0);
        ReadOnlySpan<float> logits = begins ? predictor.Predict(group.Count) : [];
        for (int row = 0; row < group.Count; row++)
        {
            SlotText text = group[row].Text;
            if (text.Left > 0 || group[row].Free <= 0)
                continue;
            if (text.Request.Options.Length > 0)
            {
                text.Next(predictor, logits, row, room, group[row]);
                TokensProduced++;
            }
            else
            {
                (text.Ending, text.IsClosed) = (FinishReason.Length, true);
            }
            ready.Add(group[row]);
            reading.Remove(group[row]);
        }
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => predictor.Dispose();

    // The oldest goes on in any case; beside it those that are soonest done. Streams whose log-probabilities are wanted go by
    // themselves, and of those with the same prefix one goes ahead.
    private void Choose()
    {
        group.Clear();
        foreach (GenerationStream stream in reading)
            if (HasRoom(stream) && !HasOneAhead(stream))
            {
                Recall(stream.Text);
                group.Add(stream);
            }
        if (group.Count == 0)
            return;
        GenerationStream oldest = group[0];
        bool scores = oldest.Text.Request.ScorePrefix;
        if (group.Exists(stream => stream.Text.Left == 0))
            group.RemoveAll(stream => stream.Text.Left > 0);
        else
            group.RemoveAll(stream => stream.Text.Request.ScorePrefix != scores);
        if (group.Count <= MostRows)
            return;
        oldest = group[0];
        GenerationStream[] chosen = [oldest, .. group.Skip(1).OrderBy(stream => stream.Text.Left).Take(MostRows - 1)];
        group.Clear();
        group.AddRange(chosen);
    }

    private static bool HasRoom(GenerationStream stream)
    {
        if (!stream.AwaitsReader && stream.Free <= 0)
            stream.AwaitReader();
        return !stream.AwaitsReader;
    }

    // Starts a stream from the longest beginning of its prefix that is remembered.
    private void Recall(SlotText text)
    {
        if (text.IsRecalled)
            return;
        text.IsRecalled = true;
        if (!text.IsRemembered || text.Request.ScorePrefix || remembered.Longest(text.Ids) is not var (length, state))
            return;
        text.State.CopyFrom(state);
        text.Read = length;
        text.Remembered = Math.Max(0, length - text.LineStarts);
        TokensCached += text.Remembered;
    }

    // Of streams with the same prefix the first reads it, and the others start from what is remembered then.
    private bool HasOneAhead(GenerationStream stream)
    {
        SlotText text = stream.Text;
        if (text.IsRecalled || !text.IsRemembered || text.Request.ScorePrefix || remembered.KeepsNothing)
            return false;
        if (text.Ahead is null || !reading.Contains(text.Ahead))
            text.Ahead = reading.TakeWhile(other => other != stream).FirstOrDefault(other =>
                other.Text.IsRemembered && !other.Text.Request.ScorePrefix && other.Text.Ids.AsSpan().SequenceEqual(text.Ids));
        return text.Ahead is not null;
    }

    private int StepsFor(int others)
    {
        int rows = group.Count;
        int piece = Math.Max(LeastPiece, (others + WeightRows) / 2);
        // Short prefixes may cost twice as much at a time: they are soon done, and somebody waits for the first token.
        if (group.TrueForAll(stream => stream.Text.Left <= Short))
            piece *= 2;
        int steps = others == 0 ? MostSteps : Math.Clamp(piece / (rows + WeightRows), 1, MostSteps);
        foreach (GenerationStream stream in group)
        {
            SlotText text = stream.Text;
            steps = Math.Min(steps, text.Left);
            if (text.IsRemembered)
                steps = Math.Min(steps, Stretch - text.Read % Stretch);
            if (text.Request.ScorePrefix)
                steps = Math.Min(Math.Min(steps, Math.Max(1, mostScored / rows)), stream.Free - (text.Read == 0 ? 1 : 0));
        }
        return steps;
    }

    private void Feed(int steps)
    {
        int rows = group.Count;
        Span<int> piece = inputs.AsSpan(0, steps * rows);
        for (int row = 0; row < rows; row++)
            for (int t = 0; t < steps; t++)
                piece[t * rows + row] = group[row].Text.Ids[group[row].Text.Read + t];
        if (group[0].Text.Request.ScorePrefix)
            Score(piece, steps);
        else
            predictor.Feed(rows, piece);
        for (int row = 0; row < rows; row++)
        {
            SlotText text = group[row].Text;
            text.Read += steps;
            TokensRead += steps;
            predictor.GetState(row, text.State);
            if (text.IsRemembered && (text.Left == 0 || text.Read % Stretch == 0))
                remembered.Add(text.Ids.AsSpan(0, text.Read), text.State);
        }
    }

    private void Score(ReadOnlySpan<int> piece, int steps)
    {
        int rows = group.Count;
        if (distributions.Length == 0)
            distributions = new float[mostScored * vocabularySize];
        // A first token is expected by the state that it starts from, and by nothing where that is a text's beginning.
        if (group.Exists(stream => stream.Text is { Read: 0, LineStarts: 0 }))
        {
            ReadOnlySpan<float> logits = predictor.Predict(rows);
            for (int row = 0; row < rows; row++)
            {
                SlotText text = group[row].Text;
                if (text is not { Read: 0, LineStarts: 0 })
                    continue;
                Span<float> expected = distributions.AsSpan(0, vocabularySize);
                predictor.LogProbabilities(logits, row, expected);
                text.Score(text.Ids[0], text.Request.Start is null ? [] : expected, group[row]);
            }
        }
        predictor.Distributions(rows, piece, targets.AsSpan(0, piece.Length), distributions.AsMemory(0, piece.Length * vocabularySize));
        for (int row = 0; row < rows; row++)
        {
            SlotText text = group[row].Text;
            for (int t = 0; t < Math.Min(steps, text.Left - 1); t++)
                text.Score(text.Ids[text.Read + t + 1], distributions.AsSpan((t * rows + row) * vocabularySize, vocabularySize), group[row]);
        }
    }
}

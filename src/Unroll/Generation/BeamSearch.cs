// Beam search (Lowerre 1976; d2l 10.8): of all texts that one token more makes of the best ones so far, the best are kept. The
// kept ones stand side by side in rows of one predictor, so that a step costs one pass over the weights. Most of them go on in the
// row where they are; only a row whose text was given up takes another's state over.
using Unroll.Kernels;
using Unroll.Model;

namespace Unroll.Generation;

/// <summary>Looks for the likeliest continuations of a text. The same on every machine: of equals those that continue the better
/// text come first, then those with the lower token.</summary>
/// <param name="predictor">The model, with as many rows as texts are kept.</param>
/// <param name="vocabularySize">V.</param>
/// <param name="options">How many texts are kept, how long they may become, and how lengths are made comparable.</param>
internal sealed class BeamSearch(Predictor predictor, int vocabularySize, GenerationOptions options)
{
    private readonly List<(int Before, int Token)> written = []; // by all texts: a tree, whose root is −1
    private readonly Candidate[] best = new Candidate[options.Beam]; // the best first
    private readonly int[] next = new int[options.Beam]; // by row
    private readonly float[] logProbabilities = new float[vocabularySize], judged = new float[vocabularySize];
    private readonly int first = vocabularySize > 1 ? 1 : 0; // the first token that may be chosen
    private int found; // candidates

    /// <summary>Looks for the continuations that the options find best.</summary>
    /// <param name="state">The model's state after what is to be continued.</param>
    /// <param name="start">The text so far.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>Continuations, the best first: one at least, as many as the options keep where there are so many.</returns>
    public IReadOnlyList<Hypothesis> Search(RecurrentState state, TextUnderWay start, CancellationToken cancellationToken)
    {
        predictor.SetState(row: 0, state);
        List<Hypothesis> live = [new Hypothesis { Text = start, Last = -1 }], ended = [];
        // Who has ended keeps a place, but does not compete any more.
        for (int length = 1; length <= options.Length && live.Count > 0; length++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadOnlySpan<float> logits = length == 1 ? predictor.Predict(rows: 1) : predictor.Step(next.AsSpan(0, live.Count));
            Compare(live, logits, places: options.Beam - ended.Count);
            if (found == 0)
                break; // a model that knows no numbers any more
            List<Hypothesis> longer = [];
            foreach (Candidate candidate in best.AsSpan(0, found))
            {
                Hypothesis text = Extend(candidate, live[candidate.Text], length);
                (text.Text.IsEnded ? ended : longer).Add(text);
            }
            live = longer;
            Arrange(live);
        }
        return [.. ended.Concat(live).OrderByDescending(text => text.Score)];
    }

    /// <summary>The tokens of a continuation.</summary>
    public int[] TokensOf(Hypothesis text)
    {
        int[] tokens = new int[text.Tokens];
        for (int i = tokens.Length, at = text.Last; i > 0; at = written[at].Before)
            tokens[--i] = written[at].Token;
        return tokens;
    }

    /// <summary>Finds the best texts of one token more, a stable insertion sort of few out of many.</summary>
    private void Compare(List<Hypothesis> live, ReadOnlySpan<float> logits, int places)
    {
        found = 0;
        for (int text = 0; text < live.Count; text++)
        {
            predictor.LogProbabilities(logits, live[text].Row, logProbabilities);
            float[] all = logProbabilities;
            if (live[text].Text.Judges)
                live[text].Text.Judge(logProbabilities, all = judged);
            double before = live[text].Judged;
            double least = found < places ? double.NegativeInfinity : best[found - 1].Judged;
            for (int token = first; token < all.Length; token++)
            {
                double sum = before + all[token];
                if (!(sum > least))
                    continue; // what is no number neither
                int at = found < places ? found++ : found - 1;
                for (; at > 0 && best[at - 1].Judged < sum; at--)
                    best[at] = best[at - 1];
                best[at] = new Candidate(text, token, sum, live[text].LogProbability + logProbabilities[token]);
                if (found == places)
                    least = best[found - 1].Judged;
            }
        }
    }

    private Hypothesis Extend(Candidate candidate, Hypothesis before, int length)
    {
        written.Add((before.Last, candidate.Token));
        TextUnderWay text = before.Text;
        if (!text.IsFree)
        {
            text = text.Branch();
            text.Write(candidate.Token);
        }
        return new Hypothesis
        {
            Text = text,
            Last = written.Count - 1,
            Tokens = length,
            Row = before.Row,
            LogProbability = candidate.LogProbability,
            Judged = candidate.Judged,
            Score = candidate.Judged / Functions.Power(length, options.LengthPenalty),
        };
    }

    // Each text stays in its row if it can. Into a row that is left over, nobody's, comes a state whose own row is somebody's or
    // lies behind: no state is lost before it is copied.
    private void Arrange(List<Hypothesis> live)
    {
        var taken = new bool[live.Count];
        var moving = new List<Hypothesis>();
        foreach (Hypothesis text in live)
        {
            if (text.Row < taken.Length && !taken[text.Row])
                taken[text.Row] = true;
            else
                moving.Add(text);
        }
        foreach (Hypothesis text in moving)
        {
            int row = Array.IndexOf(taken, false);
            predictor.CopyState(text.Row, row);
            (text.Row, taken[row]) = (row, true);
        }
        foreach (Hypothesis text in live)
            next[text.Row] = written[text.Last].Token;
    }

    /// <summary>One token more for one of the texts.</summary>
    private readonly record struct Candidate(int Text, int Token, double Judged, double LogProbability);
}

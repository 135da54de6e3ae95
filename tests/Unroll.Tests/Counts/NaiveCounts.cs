using System.Globalization;

namespace Unroll.Tests.Counts;

/// <summary>The same memory in the slowest and most obvious way: contexts are strings, counts are sets of the places that they were
/// seen in, probabilities are dense arrays of doubles, logarithms the platform's. It shares nothing with the memory but the
/// numbers of the formula.</summary>
internal sealed class NaiveCounts
{
    public const int Orders = 6;

    private readonly int vocabulary;
    private readonly Func<int, int> letter; // 0: no part of a word; null function: no words
    private readonly bool words;
    private readonly List<int> text = []; // what was counted
    private readonly List<int> heard = []; // what the prediction looks back on
    private readonly List<string?[]> contexts = []; // of each counted token, by level
    private readonly Dictionary<string, double> weights = [], squares = [];

    // Rounds: discounts and the tokens' own probabilities are those of the last round's end.
    private List<double[]> discounts = [];
    private double[] alone;

    // The last prediction.
    private double[] probabilities = [];
    private List<(int Level, string[] Scales, List<(int Token, double Boost, string Offset)> Followers)> terms = [];

    public NaiveCounts(int vocabulary, bool words, Func<int, int> letter)
    {
        (this.vocabulary, this.words, this.letter) = (vocabulary, words, letter);
        alone = [.. Enumerable.Repeat(1.0 / vocabulary, vocabulary)];
        Update();
    }

    public double[] LogProbabilities()
    {
        Predict();
        return [.. probabilities.Select(p => Math.Log(p))];
    }

    /// <summary>Predicts, learns, counts, goes on.</summary>
    public void Learn(int token, int round)
    {
        Predict();
        foreach ((_, string[] scales, var followers) in terms)
        {
            double gradient = 0;
            var ofOffsets = new Dictionary<string, double>();
            foreach ((int follower, double boost, string offset) in followers)
            {
                double ofLogit = probabilities[follower] - (follower == token ? 1 : 0);
                gradient += ofLogit * boost;
                ofOffsets[offset] = ofOffsets.GetValueOrDefault(offset) + ofLogit;
            }
            foreach ((string offset, double ofOffset) in ofOffsets)
                Step(offset, ofOffset, 1e-4);
            foreach (string scale in scales)
                Step(scale, gradient, 1e-2);
        }
        contexts.Add(Contexts());
        text.Add(token);
        Hear(token);
        if (text.Count % round == 0)
            Update();
    }

    public void Hear(int token) => heard.Add(token);

    /// <summary>What the discounts are made of: how often each follower of each context of a level counts.</summary>
    public void Update()
    {
        discounts = [.. Enumerable.Range(-1, 10).Select(level =>
        {
            int[] n = new int[5];
            foreach (int count in Followers(level).Values.SelectMany(followers => followers.Values))
            {
                if (count < 5)
                    n[count]++;
            }
            if (n[1] < 5 || n[2] == 0 || n[3] == 0)
                return new[] { 0, 0.5, 0.7, 0.8 };
            double y = n[1] / (n[1] + 2.0 * n[2]);
            double[] usual = [0, 0.5, 0.7, 0.8], rule = [0, 1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3]];
            return rule.Select((discount, c) => discount > 0 ? discount : usual[c]).ToArray();
        })];
        Dictionary<int, int> own = Followers(-1).GetValueOrDefault("", []);
        alone = Interpolate(-1, own, [.. Enumerable.Repeat(1.0 / vocabulary, vocabulary)]);
    }

    private void Step(string name, double gradient, double least)
    {
        double square = squares.GetValueOrDefault(name) * 0.9999f + gradient * gradient;
        squares[name] = square;
        weights[name] = Weight(name) - 0.02f * gradient / Math.Sqrt(square + least);
    }

    private double Weight(string name) => weights.TryGetValue(name, out double weight) ? weight
        : !name.StartsWith("kind", StringComparison.Ordinal) ? 0 : name.Contains("level 6", StringComparison.Ordinal) || name.Contains("level 7", StringComparison.Ordinal)
            || name.Contains("level 8", StringComparison.Ordinal) ? 0.5f : 0.7f;

    private void Predict()
    {
        terms = [];
        double[] logits = [.. alone.Select(p => Math.Log(p))], share = alone, second = alone;
        string?[] now = Contexts();
        Dictionary<int, int>[] followers = [.. Enumerable.Range(0, 9).Select(level => now[level] is { } context ? Followers(level).GetValueOrDefault(context, []) : [])];
        int first = Enumerable.Range(0, 6).Count(level => followers[level].Count > 0), other = Enumerable.Range(6, 3).Count(level => followers[level].Count > 0);
        for (int level = 0; level < 9; level++)
        {
            if (level == (words ? 2 : 0))
                second = share;
            if (level == 6)
                share = second;
            if (followers[level].Count == 0)
                continue;
            int total = followers[level].Values.Sum(), distinct = followers[level].Count;
            int kind = Math.Min(7, (int)Math.Log2(total)) * 7 + Math.Min(6, distinct - 1);
            string at = string.Create(CultureInfo.InvariantCulture, $"level {level} ");
            string[] scales = [$"kind {kind} {at}", $"match {first} {other} {at}", $"last {(heard.Count == 0 ? 0 : heard[^1] % 64)} {at}"];
            double scale = scales.Sum(Weight);
            double[] next = Interpolate(level, followers[level], share);
            double kept = followers[level].Values.Sum(count => discounts[level + 1][Math.Min(count, 3)]) / total;
            int lastSeen = LastSeen(level, now[level]!);
            var list = new List<(int, double, string)>();
            foreach ((int token, int count) in followers[level])
            {
                double boost = Math.Log(next[token] / (kept * share[token]));
                int countKind = count < 4 ? count : Math.Min(7, (int)Math.Log2(count) + 2);
                string offset = $"offset {kind} {countKind} {token == lastSeen} {at}";
                list.Add((token, boost, offset));
                logits[token] += scale * boost + Weight(offset);
            }
            terms.Add((level, scales, list));
            share = next;
        }
        double sum = logits.Sum(Math.Exp);
        probabilities = [.. logits.Select(logit => Math.Exp(logit) / sum)];
    }

    private double[] Interpolate(int level, Dictionary<int, int> followers, double[] below)
    {
        if (followers.Count == 0)
            return below;
        double[] discount = discounts[level + 1];
        double total = followers.Values.Sum(), kept = followers.Values.Sum(count => discount[Math.Min(count, 3)]);
        return [.. below.Select((p, token) => (followers.TryGetValue(token, out int count) ? (count - discount[Math.Min(count, 3)]) / total : 0) + kept / total * p)];
    }

    // The longest context of a chain: how often. A shorter one (level -1: none at all): in how many longer contexts, which is every
    // longer context that the token was new to.
    private Dictionary<string, Dictionary<int, int>> Followers(int level)
    {
        var result = new Dictionary<string, Dictionary<int, int>>();
        for (int i = 0; i < text.Count; i++)
        {
            if (Counts(level, i))
            {
                Dictionary<int, int> followers = result.TryGetValue(At(i, level)!, out var known) ? known : result[At(i, level)!] = [];
                followers[text[i]] = followers.GetValueOrDefault(text[i]) + 1;
            }
        }
        return result;
    }

    private string? At(int i, int level) => level < 0 ? "" : contexts[i][level];

    private bool Counts(int level, int i)
    {
        if (At(i, level) is null)
            return false;
        if (level is 5 or 8)
            return true;
        // Where the longer context does not exist yet (the text's beginning), the shorter one counts.
        string? longer = At(i, level + 1);
        if (longer is null)
            return level == 6 || level == 7 || Enumerable.Range(level + 1, 6 - level - 1).All(above => At(i, above) is null);
        return Counts(level + 1, i) && !Enumerable.Range(0, i).Any(before => text[before] == text[i] && At(before, level + 1) == longer && Counts(level + 1, before));
    }

    private int LastSeen(int level, string context)
    {
        for (int i = text.Count - 1; i >= 0; i--)
        {
            if (At(i, level) == context && Counts(level, i))
                return text[i];
        }
        return -1;
    }

    private string?[] Contexts() => [.. Enumerable.Range(0, 9).Select(level => Context(level))];

    private string? Context(int level)
    {
        List<int> recent = heard[Math.Max(0, heard.Count - 48)..];
        if (level < 6)
            return recent.Count <= level ? null : "run " + string.Join(' ', recent[^(level + 1)..]);
        if (recent.Count == 0)
            return null;
        if (!words)
            return recent.Count < level - 4 ? null : "gap " + string.Join(' ', recent[^(level - 4)..^1]);
        // Words: the letters since the last that is none, and as many words before as the level says.
        string lettered = string.Join(',', recent.Select(token => letter(token) == 0 ? "|" : letter(token).ToString(CultureInfo.InvariantCulture)));
        string[] parts = lettered.Split('|').Select(part => part.Trim(',')).ToArray();
        IEnumerable<string> before = parts[..^1].Where(part => part.Length > 0).Reverse().Take(level - 6);
        // One word is the same as another only if it begins in sight.
        return $"word {recent[^1]} {parts[^1]} / {string.Join(" / ", before)}";
    }
}

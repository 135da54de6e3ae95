// What would be said again, and how much less likely that is made: the repetition penalty of Keskar et al., "CTRL: a conditional
// transformer language model for controllable generation" (2019), in a form that suits letters too. Among a few dozen characters
// each has come lately, so there the penalty is for going on as before: for the next character of a passage that has come.
using System.Text;
using Unroll.Data.Tokens;
using Unroll.Kernels;

namespace Unroll.Generation;

/// <summary>Remembers the end of a text and makes what repeats it less likely.</summary>
internal sealed class Repetitions
{
    /// <summary>A word is a repetition by itself, among so many last tokens; half of them are what stands between words.</summary>
    private const int WordWindow = 128;

    /// <summary>Another token is one where it makes a passage of this length that has come among so many last ones.</summary>
    private const int Passage = 8, PassageWindow = 512;

    private readonly double penalty;
    private readonly double logCount; // log V
    private readonly int before; // tokens before a repeated one that must be the same
    private readonly bool[] repeats; // [V]: what can be a repetition
    private readonly int[] recent; // the last tokens, the latest last: a window, and room to go on
    private int length;

    /// <param name="penalty">P, at least 1.</param>
    /// <param name="vocabulary">The tokens.</param>
    public Repetitions(double penalty, Vocabulary vocabulary)
    {
        bool words = vocabulary.Tokenization.IsWordByWord;
        (this.penalty, logCount, before) = (penalty, Functions.Log(vocabulary.Count), words ? 0 : Passage - 1);
        repeats = [.. vocabulary.Tokens.Select((token, id) => id != vocabulary.EndId && (!words || token.EnumerateRunes().Any(Rune.IsLetterOrDigit)))];
        recent = new int[2 * (words ? WordWindow : PassageWindow)];
    }

    private Repetitions(Repetitions other)
    {
        (penalty, logCount, before, repeats, length) = (other.penalty, other.logCount, other.before, other.repeats, other.length);
        recent = [.. other.recent];
    }

    /// <summary>Another one, as far as this one has come: for texts that go on in several ways.</summary>
    public Repetitions Branch() => new(this);

    private int Window => recent.Length / 2;

    /// <summary>Notes a token, read or produced.</summary>
    public void Append(int id)
    {
        if (length == recent.Length)
        {
            recent.AsSpan(Window).CopyTo(recent);
            length = Window;
        }
        recent[length++] = id;
    }

    /// <summary>Makes repetitions less likely.</summary>
    /// <param name="logProbabilities">[V], in nats.</param>
    /// <param name="judged">[V]: those of repetitions are replaced, the others left alone; no longer normalised.</param>
    public void Judge(ReadOnlySpan<float> logProbabilities, Span<float> judged)
    {
        ReadOnlySpan<int> last = recent.AsSpan(Math.Max(0, length - Window), Math.Min(length, Window));
        ReadOnlySpan<int> now = last[^Math.Min(before, last.Length)..];
        for (int i = before; i < last.Length; i++)
        {
            if (repeats[last[i]] && last.Slice(i - before, before).SequenceEqual(now))
                judged[last[i]] = Less(logProbabilities[last[i]]);
        }
    }

    // The penalty divides a positive logit and multiplies a negative one. Where the zero of logits is, softmax leaves open; here it
    // is chance: a token's logit is log(p·V).
    private float Less(float logProbability)
    {
        double logit = logProbability + logCount;
        return (float)((logit > 0 ? logit / penalty : logit * penalty) - logCount);
    }
}

using System.Diagnostics;

namespace Unroll.Web.Models;

/// <summary>How long a model's texts have taken, all added up. Any thread may tell.</summary>
internal sealed class ServingTimes
{
    private long prompts, texts; // ticks

    /// <summary>Told how long somebody has waited for a text's first token.</summary>
    public event Action<TimeSpan>? FirstTokenCame;

    /// <summary>Until their first tokens, queues included.</summary>
    public TimeSpan Prompts => TimeSpan.FromTicks(Volatile.Read(ref prompts));

    /// <summary>From their first tokens to their ends.</summary>
    public TimeSpan Texts => TimeSpan.FromTicks(Volatile.Read(ref texts));

    /// <summary>Begins to watch a text.</summary>
    public TextTime Begin() => new(this);

    /// <summary>One text's time.</summary>
    internal sealed class TextTime(ServingTimes all)
    {
        private readonly long began = Stopwatch.GetTimestamp();
        private long first; // when its first token came

        /// <summary>A token has come.</summary>
        public void Token()
        {
            if (Volatile.Read(ref first) == 0)
                Begins(isToken: true);
        }

        /// <summary>The text has ended.</summary>
        /// <param name="tokens">Tokens produced; they may not have been read yet.</param>
        public void End(long tokens)
        {
            if (!Begins(tokens > 0))
                Interlocked.Add(ref all.texts, Stopwatch.GetElapsedTime(first).Ticks);
        }

        private bool Begins(bool isToken)
        {
            if (Interlocked.CompareExchange(ref first, Stopwatch.GetTimestamp(), 0) != 0)
                return false;
            TimeSpan waited = Stopwatch.GetElapsedTime(began, first);
            Interlocked.Add(ref all.prompts, waited.Ticks);
            if (isToken)
                all.FirstTokenCame?.Invoke(waited);
            return true;
        }
    }
}

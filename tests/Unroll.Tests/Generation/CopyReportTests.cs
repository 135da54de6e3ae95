using CsCheck;
using Unroll.Generation;
using Xunit;

namespace Unroll.Tests.Generation;

/// <summary>What of a text stands in another, held against looking for each piece in the plainest way.</summary>
public class CopyReportTests
{
    [Fact]
    public void Every_place_knows_how_far_back_the_texts_agree() => Gen.Int[1, 6].SelectMany(kinds => Gen.Select(
        Gen.Char['a', (char)('a' + kinds)].Array[0, 60], Gen.Char['a', (char)('a' + kinds)].Array[0, 200], Gen.Int[1, 50])).Sample((text, other, piece) =>
    {
        var automaton = new SuffixAutomaton([.. text.Select(letter => (int)letter)]);
        foreach (char[] part in other.Chunk(piece))
            automaton.Read([.. part.Select(letter => (int)letter)]);
        string whole = new(other);
        int[] expected = [.. Enumerable.Range(0, text.Length).Select(i =>
            Enumerable.Range(0, i + 2).Last(length => whole.Contains(new string(text, i + 1 - length, length), StringComparison.Ordinal)))];
        Assert.Equal(expected, automaton.Agreements());
    });

    [Theory]
    [InlineData("aaaaaaaaaaaaaaaaaaaa", "aaaaaaa")] // one state a beginning, and a long chain of links
    [InlineData("abcbcabcbcbabcbc", "cbcabcbcbabcb")]
    public void Texts_that_repeat_themselves_agree_where_they_agree(string text, string other)
    {
        var automaton = new SuffixAutomaton([.. text.Select(letter => (int)letter)]);
        automaton.Read([.. other.Select(letter => (int)letter)]);
        Assert.Equal(
            Enumerable.Range(0, text.Length).Select(i => Enumerable.Range(0, i + 2).Last(length => other.Contains(text.Substring(i + 1 - length, length), StringComparison.Ordinal))),
            automaton.Agreements());
    }

    [Fact]
    public void A_report_has_shares_and_the_longest_run()
    {
        Vocabulary letters = Corpus.Load(TextSource.FromString("abcdefghijklmnopqrstuvwxyz .")).Vocabulary;
        TextSource training = TextSource.FromString("once upon a time there was a queen who had no mirror.");
        string[] texts = ["upon a time the queen had no mirror.", "", "xyz", "once upon a time there was a queen who had no mirror."];
        IReadOnlyList<CopyReport> reports = CopyReport.Of(texts, letters, training);
        CopyReport first = reports[0];
        Assert.Equal(53, first.TrainingTokens);
        Assert.Equal((15, 0, "upon a time the"), (first.LongestTokens, first.LongestStart, first.Longest));
        string all = "once upon a time there was a queen who had no mirror.";
        foreach ((int order, double? share) in first.Shares)
        {
            bool[] known = [.. Enumerable.Range(0, Math.Max(0, texts[0].Length - order + 1)).Select(i => all.Contains(texts[0].Substring(i, order), StringComparison.Ordinal))];
            Assert.Equal(known.Length == 0 ? null : known.Count(there => there) / (double)known.Length, share);
        }
        Assert.Equal([4, 8, 16, 32], first.Shares.Select(share => share.Order));
        Assert.Equal((0, 0, ""), (reports[1].LongestTokens, reports[1].LongestStart, reports[1].Longest));
        Assert.All(reports[1].Shares, share => Assert.Null(share.Share));
        Assert.Equal((0, null), (reports[2].LongestTokens, reports[2].Shares[0].Share));
        Assert.Equal((53, 1.0), (reports[3].LongestTokens, reports[3].Shares[3].Share));
    }

    [Fact]
    public void Runs_do_not_go_on_from_text_to_text_and_what_is_unknown_agrees_with_nothing()
    {
        Vocabulary letters = Corpus.Load(TextSource.FromString("abc")).Vocabulary;
        IReadOnlyList<CopyReport> reports = CopyReport.Of(["ab", "ca", "a?b"], letters, TextSource.FromString("abcab?a?b"));
        Assert.Equal([2, 2, 1], reports.Select(report => report.LongestTokens));
        Assert.Equal(9, reports[0].TrainingTokens);
    }

    [Fact]
    public void The_memory_of_counts_has_the_training_text()
    {
        LanguageModel model = Tests.Model.MemoryPredictorTests.Model(1);
        int[] kept = model.MemoryText.ToArray();
        string copied = model.Vocabulary.Decode(kept.Where(id => id > 0).Take(0)) + model.Vocabulary.Decode(Longest(kept));
        CopyReport report = CopyReport.Of([copied], model)[0];
        Assert.Equal((400, Longest(kept).Length, copied), (report.TrainingTokens, report.LongestTokens, report.Longest));
        Assert.Throws<UnrollException>(() => CopyReport.Of([copied], model.WithoutMemory()));

        static int[] Longest(int[] ids) => string.Join(' ', ids).Split("0 ").MaxBy(part => part.Length)!.Trim().Split(' ').Select(int.Parse).ToArray();
    }

    [Fact]
    public void A_long_text_takes_no_time_worth_mentioning()
    {
        // Quadratic work would be 10^11 comparisons.
        int[] text = [.. Enumerable.Range(0, 200_000).Select(i => (int)(new RandomStream(1, RandomPurpose.Sampling, 0).Bits((ulong)i / 3) % 5))];
        var automaton = new SuffixAutomaton(text);
        automaton.Read(text.AsSpan(50_000));
        automaton.Read([9]);
        automaton.Read(text.AsSpan(0, 100_000));
        int[] agreements = automaton.Agreements();
        Assert.Equal(100_000, agreements[99_999]);
        Assert.Equal(150_000, agreements[^1]);
    }

    [Fact]
    public void Reading_can_be_cancelled()
    {
        Vocabulary letters = Corpus.Load(TextSource.FromString("abc")).Vocabulary;
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => CopyReport.Of(["ab"], letters, TextSource.FromString("abc"), cancellationToken: cancelled.Token));
    }
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Unroll.Counts;
using Unroll.Tests.Data;
using Unroll.Tests.Reference;
using Xunit;

namespace Unroll.Tests.Counts;

/// <summary>What counts predict, against the same in doubles and strings; what a reader learns and forgets; the same bits anywhere.</summary>
public class CountMemoryTests
{
    private const string Tale = "The cat sat on the mat; the Cat ate the rat. The rat sat on the cat's mat, and the cat that ate the rat sat: that was that.\n";

    private static readonly string Text = string.Concat(Enumerable.Range(0, 5).Select(i => Tale[(i * 7)..] + Tale[..(i * 11)].ToUpperInvariant()));

    [Theory]
    [InlineData(TokenKind.Character, true)]
    [InlineData(TokenKind.Word, false)]
    public void It_predicts_what_the_formula_says(TokenKind kind, bool words)
    {
        (int[] ids, Vocabulary vocabulary) = Read(Text, kind);
        CountMemory memory = CountMemory.Count(ids, vocabulary);
        NaiveCounts naive = Naive(vocabulary, words);
        foreach (int id in ids)
            naive.Learn(id, round: 4096);
        naive.Update();
        CountReader reader = memory.NewReader();
        reader.SetContext(ids);
        int[] further = Read("The cat that sat on a dog. the", vocabulary);
        foreach (int id in further)
        {
            float[] actual = LogProbabilities(reader, vocabulary);
            Close.Equal(naive.LogProbabilities(), actual, 1e-4, "log p");
            reader.Feed(id);
            naive.Hear(id);
        }
    }

    [Fact]
    public void Reading_along_is_what_counting_would_have_been()
    {
        (int[] ids, Vocabulary vocabulary) = Read(Text, TokenKind.Character);
        CountReader reader = CountMemory.Count(ids.AsSpan(0, 300), vocabulary).NewReader(adapt: true);
        reader.SetContext(ids.AsSpan(0, 300));
        NaiveCounts naive = Naive(vocabulary, words: true);
        foreach (int id in ids.AsSpan(0, 300))
            naive.Learn(id, round: 4096);
        naive.Update();
        foreach (int id in ids.AsSpan(300, 200))
        {
            Close.Equal(naive.LogProbabilities(), LogProbabilities(reader, vocabulary), 1e-4, "log p");
            reader.Feed(id);
            naive.Learn(id, round: 4096);
        }
    }

    [Theory]
    [InlineData(TokenKind.Character)]
    [InlineData(TokenKind.Word)]
    [InlineData(TokenKind.Byte)]
    public void Probabilities_sum_to_one_and_none_is_zero(TokenKind kind)
    {
        (int[] ids, Vocabulary vocabulary) = Read(Text + "時は時なり", kind);
        CountReader reader = CountMemory.Count(ids, vocabulary).NewReader();
        foreach (int id in ids)
        {
            float[] logs = LogProbabilities(reader, vocabulary);
            Assert.All(logs, log => Assert.True(float.IsFinite(log)));
            Assert.Equal(1, logs.Sum(log => Math.Exp(log)), 5e-6);
            reader.Feed(id);
        }
    }

    [Fact]
    public void A_text_of_nothing_knows_nothing()
    {
        (_, Vocabulary vocabulary) = Read("abc", TokenKind.Character);
        CountReader reader = CountMemory.Count([], vocabulary).NewReader(adapt: true);
        Assert.All(LogProbabilities(reader, vocabulary), log => Assert.Equal(Math.Log(0.25), log, 1e-6));
        reader.Feed(1);
        Assert.Equal(0, reader.Confidence);
    }

    [Fact]
    public void A_place_is_the_last_tokens_and_nothing_else()
    {
        (int[] ids, Vocabulary vocabulary) = Read(Text, TokenKind.Character);
        CountMemory memory = CountMemory.Count(ids, vocabulary);
        CountReader reading = memory.NewReader(), set = memory.NewReader();
        for (int i = 0; i < ids.Length; i++)
        {
            set.SetContext(ids.AsSpan(Math.Max(0, i - CountMemory.History), Math.Min(i, CountMemory.History)));
            Assert.Equal(LogProbabilities(reading, vocabulary), LogProbabilities(set, vocabulary));
            Assert.Equal(reading.Confidence, set.Confidence);
            reading.Feed(ids[i]);
        }
        reading.Reset();
        Assert.Equal(LogProbabilities(memory.NewReader(), vocabulary), LogProbabilities(reading, vocabulary));
    }

    [Fact]
    public void Who_reads_along_learns_and_the_memory_does_not()
    {
        (int[] ids, Vocabulary vocabulary) = Read(Text, TokenKind.Character);
        CountMemory memory = CountMemory.Count(ids, vocabulary);
        int[] strange = [.. Enumerable.Repeat(Read("cat mat rat xyz. ", vocabulary), 40).SelectMany(part => part)];
        CountReader still = memory.NewReader(), along = memory.NewReader(adapt: true), other = memory.NewReader(adapt: true);
        float[] before = LogProbabilities(still, vocabulary);
        double loss = Loss(still, strange, vocabulary), learning = Loss(along, strange, vocabulary);
        Assert.True(learning < 0.5 * loss, $"{learning} is not far below {loss}.");
        Assert.Equal(before, LogProbabilities(other, vocabulary));
        Assert.Equal(before, LogProbabilities(memory.NewReader(), vocabulary));
        Assert.Equal(learning, Loss(memory.NewReader(adapt: true), strange, vocabulary));
    }

    [Fact]
    public void Only_the_end_of_a_long_text_is_counted_where_that_is_wanted()
    {
        (int[] ids, Vocabulary vocabulary) = Read(Text, TokenKind.Character);
        CountMemory memory = CountMemory.Count(ids, vocabulary, maxTokens: 200);
        Assert.Equal(ids[^200..], memory.Tokens);
        CountReader expected = CountMemory.Count(ids.AsSpan()[^200..], vocabulary).NewReader();
        Assert.Equal(LogProbabilities(expected, vocabulary), LogProbabilities(memory.NewReader(), vocabulary));
    }

    [Fact]
    public void Tokens_that_are_none_are_refused()
    {
        (int[] ids, Vocabulary vocabulary) = Read(Text, TokenKind.Character);
        CountReader reader = CountMemory.Count(ids, vocabulary).NewReader();
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Feed(vocabulary.Count));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.SetContext([0, -1]));
    }

    [Fact]
    public void Counting_can_be_stopped()
    {
        (int[] ids, Vocabulary vocabulary) = Read(Text, TokenKind.Character);
        Assert.Throws<OperationCanceledException>(() => CountMemory.Count(ids, vocabulary, cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void The_bits_are_the_same_everywhere()
    {
        (int[] ids, Vocabulary vocabulary) = Read(string.Concat(Enumerable.Repeat(Text, 8)), TokenKind.Character);
        CountReader reader = CountMemory.Count(ids.AsSpan(0, 5000), vocabulary).NewReader(adapt: true);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (int id in ids.AsSpan(0, 300))
        {
            hash.AppendData(MemoryMarshal.AsBytes(LogProbabilities(reader, vocabulary).AsSpan()));
            reader.Feed(id);
        }
        Assert.Equal("3D927510CC7F62BE", Convert.ToHexString(hash.GetHashAndReset())[..16]);
    }

    internal static (int[] Ids, Vocabulary Vocabulary) Read(string text, TokenKind kind)
    {
        Corpus corpus = Corpus.Load(TextSource.FromString(text), new TextOptions { Tokens = kind });
        return (CorpusTests.All(corpus.Training), corpus.Vocabulary);
    }

    internal static float[] LogProbabilities(CountReader reader, Vocabulary vocabulary)
    {
        float[] logs = new float[vocabulary.Count];
        reader.LogProbabilities(logs);
        return logs;
    }

    internal static double Loss(CountReader reader, ReadOnlySpan<int> ids, Vocabulary vocabulary)
    {
        double loss = 0;
        foreach (int id in ids)
        {
            loss -= LogProbabilities(reader, vocabulary)[id];
            reader.Feed(id);
        }
        return loss / ids.Length;
    }

    private static int[] Read(string text, Vocabulary vocabulary) => vocabulary.Encode(text);

    private static NaiveCounts Naive(Vocabulary vocabulary, bool words) => new(vocabulary.Count, words, token =>
    {
        string text = vocabulary[token];
        return text.Length == 1 && (char.IsLetter(text[0]) || text[0] == '\'') ? char.ToLowerInvariant(text[0]) : 0;
    });
}

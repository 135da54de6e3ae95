using CsCheck;
using Unroll.Generation;
using Xunit;

namespace Unroll.Tests.Generation;

/// <summary>The repetition penalty, held against the same in strings.</summary>
public class RepetitionsTests
{
    [Fact]
    public void Of_characters_the_next_one_of_a_passage_that_has_come_is_less_likely()
    {
        Vocabulary letters = CraftedModel.Letters(3);
        Gen.Select(Gen.Char['a', 'c'].Array[0, 700], Gen.Int[0, 600], Gen.Double[1.1, 3]).Sample((start, from, penalty) =>
        {
            // A text that repeats a part of itself.
            string text = new string(start) + new string(start).Substring(Math.Min(from, start.Length), Math.Min(30, start.Length - Math.Min(from, start.Length)));
            float[] actual = Judged(letters, penalty, [.. text.Select(letter => letter - 'a' + 1)], LogProbabilities);
            string window = text[Math.Max(0, text.Length - 512)..];
            for (int id = 1; id <= 3; id++)
            {
                string passage = text.Length < 7 ? "?" : text[^7..] + (char)('a' + id - 1);
                Assert.Equal(window.Contains(passage, StringComparison.Ordinal) ? Less(LogProbabilities[id], 4, penalty) : LogProbabilities[id], actual[id], 1e-6);
            }
        });
    }

    [Fact]
    public void Of_words_each_that_has_come_is_but_not_what_stands_between_them()
    {
        var words = new Vocabulary([Vocabulary.UnknownToken, "one", " ", "two", ", ", "three"], new TextOptions { Tokens = TokenKind.Word });
        float[] before = [-9, -1, -1.2f, -1.4f, -1.6f, -3];
        Assert.Equal([-9, Less(-1, 6, 1.3), -1.2f, Less(-1.4f, 6, 1.3), -1.6f, -3], Judged(words, 1.3, [1, 2, 3, 4], before));
        // The last 128 tokens count.
        Assert.Equal([-9, Less(-1, 6, 1.3), -1.2f, -1.4f, -1.6f, -3], Judged(words, 1.3, [3, .. Enumerable.Repeat(2, 400), 1, .. Enumerable.Repeat(2, 127)], before));
        Assert.Equal(before, Judged(words, 1.3, [1, .. Enumerable.Repeat(2, 128)], before));
    }

    [Fact]
    public void A_token_likelier_than_chance_comes_nearer_to_it_and_another_goes_further_away()
    {
        Assert.Equal((float)(Math.Log(2) / 2 - Math.Log(4)), Less((float)Math.Log(0.5), 4, 2), 1e-6);
        Assert.Equal((float)(Math.Log(0.5) * 2 - Math.Log(4)), Less((float)Math.Log(0.125), 4, 2), 1e-6);
    }

    [Fact]
    public void It_leads_out_of_a_circle()
    {
        // A chain that spells its text over and over, and everywhere knows one letter more that is not much less likely.
        LanguageModel model = CraftedModel.Spelling("abcdefghijkl");
        model.Parameters["decoder.bias"][model.Vocabulary["f"]] = 49;
        using var generator = new TextGenerator(model, threads: 1);
        string circle = generator.Generate("a", new GenerationOptions { Length = 60 }).Text;
        Assert.Contains("lab", circle);
        Assert.StartsWith(circle[..12], circle[12..]);
        Assert.Equal(circle, generator.Generate("a", new GenerationOptions { Length = 60, RepetitionPenalty = 1.0 }).Text);
        string other = generator.Generate("a", new GenerationOptions { Length = 60, RepetitionPenalty = 1000 }).Text;
        Assert.Equal(circle[..18] + "f", other[..19]); // the first h that makes a passage is that of the second "abcdefgh"
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_search_judges_each_text_by_itself(int beam)
    {
        LanguageModel model = Prediction.Models.Create();
        using var generator = new TextGenerator(model, threads: 1);
        GenerationOptions options = new() { Length = 120, Beam = beam, RepetitionPenalty = 5 };
        string judged = generator.Search("the quick brown ", options)[0].Text, plain = generator.Search("the quick brown ", options with { RepetitionPenalty = 1 })[0].Text;
        Assert.True(Passages(judged) > Passages(plain), $"{judged} has no more passages than {plain}");
        if (beam == 1)
            Assert.Equal(generator.Generate("the quick brown ", options).Text, judged);

        static int Passages(string text) => Enumerable.Range(0, text.Length - 8).Select(i => text.Substring(i, 8)).Distinct().Count();
    }

    private static readonly float[] LogProbabilities = [-5, -0.4f, -2.1f, -1.5f];

    private static float Less(float logProbability, int vocabulary, double penalty)
    {
        double logit = logProbability + Math.Log(vocabulary);
        return (float)((logit > 0 ? logit / penalty : logit * penalty) - Math.Log(vocabulary));
    }

    private static float[] Judged(Vocabulary vocabulary, double penalty, int[] text, float[] logProbabilities)
    {
        var first = new Repetitions(penalty, vocabulary);
        foreach (int id in text)
            first.Append(id);
        Repetitions branch = first.Branch();
        first.Append(1);
        float[] judged = [.. logProbabilities];
        branch.Judge(logProbabilities, judged);
        return judged;
    }
}

using Unroll.Tests.Model;
using Xunit;

namespace Unroll.Tests.Generation;

/// <summary>The likeliest texts, held against a naive search and against all texts that there are.</summary>
public class BeamSearchTests
{
    public static TheoryData<string> Models => CopyStateTests.Models;

    [Theory]
    [MemberData(nameof(Models))]
    public void It_finds_what_a_naive_search_finds(string kind)
    {
        LanguageModel model = CopyStateTests.Model(kind);
        string prefix = string.Concat(model.Vocabulary.Tokens.Skip(1).Take(3));
        foreach ((int beam, int length, double alpha) in ((int, int, double)[])[(2, 9, 0.75), (3, 7, 0), (8, 6, 1.5)])
        {
            List<NaiveText> expected = new NaiveBeamSearch(model, prefix).Search(beam, length, alpha, model.Vocabulary[2]);
            foreach (int threads in (int[])[1, 3])
            {
                using var generator = new TextGenerator(model, threads);
                Same(expected, generator.Search(prefix, new() { Beam = beam, Length = length, LengthPenalty = alpha, StopSequences = [model.Vocabulary[2]] }));
            }
        }
    }

    [Theory]
    [InlineData("rnn")]
    [InlineData("networks and memory")]
    public void A_beam_that_holds_all_beginnings_finds_the_best_of_all_texts(string kind)
    {
        LanguageModel model = CopyStateTests.Model(kind);
        string prefix = model.Vocabulary[1];
        int length = model.Vocabulary.Count > 8 ? 2 : 3; // 5² or 8 beginnings
        List<NaiveText> all = new NaiveBeamSearch(model, prefix).All(length, 0.75);
        using var generator = new TextGenerator(model, threads: 2);
        IReadOnlyList<GeneratedText> found = generator.Search(prefix, new() { Beam = 64, Length = length });
        Assert.Equal(Math.Min(64, all.Count), found.Count);
        Same([.. all.Take(found.Count)], found);
        if (length == 3)
            Assert.True(all.Count > 64);
        // What is likeliest token by token is not the likeliest text.
        Assert.True(found[0].LogProbability >= generator.Search(prefix, new() { Length = length })[0].LogProbability);
    }

    [Fact]
    public void A_beam_of_one_is_greedy_and_a_wider_one_finds_what_greed_does_not()
    {
        // b is the likelier letter after a, but after it everything is open; after c always d comes, and after d always c.
        LanguageModel model = CraftedModel.Chain(CraftedModel.Letters(4), id => id);
        double[][] following = [[1, 1, 1, 1, 1], [0, 0, 0.6, 0.4, 0], [0, 1, 1.1, 1, 1], [0, 0.1, 0.1, 0.1, 9], [0, 0.1, 0.1, 9, 0.1]];
        for (int before = 0; before < 5; before++)
            for (int after = 0; after < 5; after++)
                model.Parameters["decoder.weight"][after * 5 + before] = (float)Math.Max(-30, Math.Log(following[before][after]));
        using var generator = new TextGenerator(model, threads: 1);
        string greedy = generator.Generate("a", new GenerationOptions { Length = 6 }).Text;
        GeneratedText one = generator.Search("a", new() { Length = 6 })[0];
        Assert.Equal(greedy, one.Text);
        GeneratedText wide = generator.Search("a", new() { Length = 6, Beam = 4 })[0];
        Assert.Equal(("bbbbbb", "cdcdcd"), (greedy, wide.Text));
        Assert.True(wide.LogProbability > one.LogProbability);
    }

    [Fact]
    public void Of_equal_texts_those_with_the_lower_tokens_come_first()
    {
        LanguageModel model = CraftedModel.Constant(0.25, 0.25, 0.25, 0.25);
        Assert.Equal(["aa", "ab", "ac", "ad", "ba", "bb", "bc"], Texts(model, "", new() { Beam = 7, Length = 2 }));
        Assert.Equal(["a", "b", "c", "d"], Texts(model, "", new() { Beam = 64, Length = 1 })); // more places than texts
        Assert.Equal([""], Texts(model, "", new() { Beam = 5, Length = 0 }));
    }

    [Fact]
    public void The_length_penalty_decides_between_short_and_long()
    {
        LanguageModel model = CraftedModel.Constant(0.5, 0.3, 0.2);
        GenerationOptions options = new() { Beam = 8, Length = 6, StopSequences = ["b"] };
        Assert.Equal("b", Texts(model, "", options with { LengthPenalty = 0 })[0]);
        Assert.Equal("aaaaaa", Texts(model, "", options with { LengthPenalty = 1 })[0]);
        using var generator = new TextGenerator(model, threads: 1);
        foreach (GeneratedText text in generator.Search("", options))
        {
            double expected = text.Text.Sum(letter => Math.Log(letter switch { 'a' => 0.5, 'b' => 0.3, _ => 0.2 } / 1.5)); // <unk> has 0.5 too
            Assert.Equal(expected, text.LogProbability!.Value, 1e-5);
            Assert.Equal(expected / Math.Pow(text.Tokens, 0.75), text.Score!.Value, 1e-5);
        }
    }

    [Fact]
    public void Stop_texts_end_texts_in_the_middle_of_tokens_and_across_bytes()
    {
        LanguageModel words = CraftedModel.Spelling("one two-three", new TextOptions { Tokens = TokenKind.Word });
        Assert.Equal(" two-th", Texts(words, "one", new() { Beam = 3, StopSequences = ["o-th"] })[0]);
        LanguageModel bytes = CraftedModel.Spelling("aé😀", new TextOptions { Tokens = TokenKind.Byte });
        GeneratedText found = Best(bytes, "a", new() { Beam = 4, StopSequences = ["😀"] });
        Assert.Equal(("é😀", 6), (found.Text, found.Tokens));
        Assert.Equal("é", Best(bytes, "a", new() { Beam = 4, Length = 4 }).Text); // half a character is left out
    }

    [Fact]
    public void Generating_and_streaming_give_the_best_text()
    {
        LanguageModel model = Prediction.Models.Create();
        GenerationOptions options = new() { Beam = 5, Length = 30 };
        using var generator = new TextGenerator(model, threads: 2);
        IReadOnlyList<GeneratedText> found = generator.Search("the quick", options);
        Assert.Equal(5, found.Select(text => text.Text).Distinct().Count());
        Assert.Equal(found.OrderByDescending(text => text.Score), found);
        Assert.Equal(found[0].Text, generator.Generate("the quick", options).Text);
        Assert.Equal([found[0].Text], generator.Stream("the quick", options));
        Assert.Equal(30, generator.TokensProduced);
        // A wider search and a narrower one again, and a text drawn in between.
        string drawn = generator.Generate("the quick", new GenerationOptions { Temperature = 1, Length = 20 }).Text;
        generator.Search("lazy", options with { Beam = 9 });
        Assert.Equal(found, generator.Search("the quick", options));
        Assert.Equal(drawn, generator.Generate("the quick", new GenerationOptions { Temperature = 1, Length = 20 }).Text);
    }

    [Fact]
    public void The_probability_is_what_scoring_gives_the_text()
    {
        LanguageModel model = Prediction.Models.Create(CellKind.Gru);
        using var generator = new TextGenerator(model, threads: 1);
        using var predictor = new TextPredictor(model, threads: 1);
        foreach (GeneratedText text in generator.Search("the lazy", new() { Beam = 6, Length = 15, RepetitionPenalty = 3 }))
        {
            predictor.SetState(new RecurrentState(model));
            predictor.Feed("the lazy");
            Assert.Equal(predictor.Score(text.Text).Sum(token => token.LogProbability), text.LogProbability!.Value, 1e-4);
            Assert.True(text.Score <= text.LogProbability / Math.Pow(15, 0.75) + 1e-9);
        }
    }

    [Fact]
    public void What_draws_is_refused_and_a_search_can_be_cancelled()
    {
        using var generator = new TextGenerator(CraftedModel.Constant(0.5, 0.5), threads: 1);
        foreach (GenerationOptions options in (GenerationOptions[])[new() { Temperature = 1 }, new() { TopK = 2 }, new() { TopP = 0.5 }, new() { MinP = 0.1 }])
            Assert.Equal("Beam", Assert.Throws<OptionsException>(() => generator.Search("", options with { Beam = 2 })).Property);
        Assert.Equal("Temperature", Assert.Throws<OptionsException>(() => generator.Search("", new() { Temperature = 1 })).Property);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => generator.Search("", new() { Beam = 2 }, cancelled.Token));
        using IEnumerator<string> begun = generator.Stream("").GetEnumerator();
        Assert.True(begun.MoveNext());
        generator.Search("", new() { Beam = 2, Length = 3 });
        Assert.Throws<InvalidOperationException>(() => begun.MoveNext());
        generator.Dispose();
        Assert.Throws<ObjectDisposedException>(() => generator.Search("", new() { Beam = 2 }));
    }

    private static void Same(List<NaiveText> expected, IReadOnlyList<GeneratedText> found)
    {
        Assert.Equal(expected.Select(text => text.Text), found.Select(text => text.Text));
        for (int i = 0; i < found.Count; i++)
        {
            Assert.Equal(expected[i].Tokens.Length, found[i].Tokens);
            Assert.Equal(expected[i].LogProbability, found[i].LogProbability!.Value, 1e-9);
            Assert.Equal(expected[i].Score, found[i].Score!.Value, 1e-9);
        }
    }

    private static string[] Texts(LanguageModel model, string prefix, GenerationOptions options)
    {
        using var generator = new TextGenerator(model, threads: 1);
        return [.. generator.Search(prefix, options).Select(text => text.Text)];
    }

    private static GeneratedText Best(LanguageModel model, string prefix, GenerationOptions options)
    {
        using var generator = new TextGenerator(model, threads: 1);
        return generator.Search(prefix, options)[0];
    }
}

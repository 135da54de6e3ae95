using System.Text.Json;
using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.Export;

/// <summary>A page writes by the rules of the library: the same seed, the same text.</summary>
public class WritingTests
{
    [Fact]
    public void The_same_settings_write_the_same_text()
    {
        using var pages = new Pages();
        var expected = new List<string>();
        foreach (LanguageModel model in (LanguageModel[])[
            Models.Create(), Models.Create(CellKind.Gru, new TextOptions { Tokens = TokenKind.Byte }), Models.Create(CellKind.Rnn, new TextOptions { Tokens = TokenKind.Word, Clean = Cleaning.Textbook }),
            Models.Create(CellKind.Cifg, new TextOptions { Documents = DocumentKind.Line })])
        {
            (WebPage page, string path) = pages.Make(model);
            using var generator = new TextGenerator(page.Model, threads: 1);
            foreach ((string prefix, double temperature, int topK, double topP, double minP, ulong seed) in ((string, double, int, double, double, ulong)[])[
                ("some", 0, 0, 1, 0, 1), ("", 0.8, 0, 1, 0, 1), ("the quick ", 1, 5, 1, 0, 2), ("a", 1.5, 1000, 1, 0, ulong.MaxValue), ("fox\n", 0.3, 2, 1, 0, 5_000_000_000),
                ("", 1.2, 0, 0.6, 0, 3), ("a", 1, 0, 0.001, 0, 4), ("some", 1.3, 0, 1, 0.5, 5), ("the", 1.5, 12, 0.7, 0.2, 6), ("fox", 2, 6, 0.8, 0, 7), ("q", 1, 0, 0.5, 0.3, 8), ("z", 1, 0, 0.3, 1, 9)])
            {
                pages.Ask(new { kind = "write", page = path, prefix, length = 60, temperature, topK, topP, minP, seed = seed.ToString() });
                expected.Add(generator.Generate(prefix, new GenerationOptions { Length = 60, Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, Seed = seed }, TestContext.Current.CancellationToken).Text);
            }
        }
        Assert.Equal(expected, pages.Answers().Select(answer => answer.GetString()!));
        Assert.True(expected.Distinct().Count() > 30);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(ulong.MaxValue)]
    public void Random_numbers_are_the_library_s_to_the_bit(ulong seed)
    {
        using var pages = new Pages();
        pages.Ask(new { kind = "uniform", seed = seed.ToString(), count = 100 });
        var random = new RandomStream(seed, RandomPurpose.Sampling, 0);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => random.Uniform((ulong)i)), Pages.Numbers(pages.Answers()[0]));
    }
}

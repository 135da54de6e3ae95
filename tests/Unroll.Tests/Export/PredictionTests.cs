using System.Text.Json;
using Unroll.Tests.Cli;
using Unroll.Tests.Model;
using Xunit;

namespace Unroll.Tests.Export;

/// <summary>What a page expects is what its model does, whatever that is made of.</summary>
public class PredictionTests(TrainedModel trained)
{
    [Fact]
    public void Every_kind_of_model_predicts_in_a_page_as_in_the_library()
    {
        using var pages = new Pages();
        var cases = new List<(string Name, double[] Expected)>();
        foreach (ModelCase kind in ModelCase.Kinds)
            Add(kind.Name, kind.Model(), kind, bits: 16);
        ModelCase tables = ModelCase.Find("cifg, documents, n-grams in and out");
        Add("8 bits", tables.Model(), tables, bits: 8);
        ModelCase plain = ModelCase.Find("gru"), other = ModelCase.Find("lstm, 3 layers");
        Add("an average", LanguageModel.Average(plain.Model(), other.Model()), plain, bits: 16);

        JsonElement[] answers = pages.Answers();
        for (int i = 0; i < cases.Count; i++)
        {
            (string name, double[] expected) = cases[i];
            double[] simd = Pages.Numbers(answers[2 * i].GetProperty("logProbabilities")), slow = Pages.Numbers(answers[2 * i + 1].GetProperty("logProbabilities"));
            Assert.Equal(expected.Length, simd.Length);
            for (int at = 0; at < expected.Length; at++)
                Assert.True(Math.Abs(expected[at] - simd[at]) < 1e-5 * Math.Max(1, Math.Abs(expected[at])), $"{name}, token {at}: {simd[at]} is not {expected[at]}");
            Assert.Equal(simd, slow); // to the bit
            Assert.Equal(simd, Pages.Numbers(answers[2 * i].GetProperty("expected")));
        }

        void Add(string name, LanguageModel model, ModelCase kind, int bits)
        {
            (WebPage page, string path) = pages.Make(model, bits);
            // Unknown tokens and documents' ends among others, and more tokens than a page has states of.
            string text = string.Concat(kind.Ids(7, 50).Select(id => id == 0 ? "x" : kind.HasDocuments && id == 1 ? "\n" : model.Vocabulary[id]));
            using var predictor = new TextPredictor(page.Model, threads: 1);
            cases.Add((name, [.. predictor.Score(text, TestContext.Current.CancellationToken).Select(token => (double)token.LogProbability)]));
            foreach (bool isPlain in (bool[])[false, true])
                pages.Ask(new { kind = "score", page = path, plain = isPlain, text, open = true });
        }
    }

    [Theory]
    [InlineData(16, 1e-3)]
    [InlineData(8, 0.1)]
    public void A_page_says_what_evaluate_says(int bits, double most)
    {
        using var pages = new Pages();
        LanguageModel model = LanguageModel.Load(trained.Path);
        string text = string.Concat(TextSource.Story.Read())[..3000];
        (_, string path) = pages.Make(model, bits);
        pages.Ask(new { kind = "score", page = path, plain = false, text, open = false });
        double[] said = Pages.Numbers(pages.Answers()[0].GetProperty("logProbabilities"));

        EvaluationResult whole = Evaluator.Evaluate(model, TextSource.FromString(text), threads: 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(double.IsNaN(said[0]));
        Assert.Equal(whole.Loss, -said[1..].Average(), bits == 16 ? 1e-5 : 1e-3);
        using var predictor = new TextPredictor(model, threads: 1);
        predictor.SetState(new RecurrentState(model));
        double[] exact = [.. predictor.Score(text, TestContext.Current.CancellationToken).Select(token => (double)token.LogProbability)];
        double worst = exact.Skip(1).Zip(said.Skip(1), (a, b) => Math.Abs(a - b)).Max();
        Assert.InRange(worst, 1e-9, most);
    }

    [Fact]
    public void A_text_that_leaves_another_one_is_as_if_read_from_its_beginning()
    {
        using var pages = new Pages();
        ModelCase kind = ModelCase.Find("lstm, n-grams in and out");
        LanguageModel model = kind.Model();
        string text = string.Concat(kind.Ids(3, 80).Select(id => id == 0 ? "x" : model.Vocabulary[id]));
        (_, string path) = pages.Make(model);
        foreach (int place in (int[])[0, 1, 31, 32, 33, 64, 79])
            pages.Ask(new { kind = "fork", page = path, text, place, id = 2 });
        foreach (JsonElement answer in pages.Answers())
            Assert.Equal(Pages.Numbers(answer[1]), Pages.Numbers(answer[0]));
    }
}

using Unroll.Looking;
using Unroll.Tests.Generation;
using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.Looking;

public class UnitFinderTests
{
    private const string Text = "He said: \"Go home (now)!\"\n  and then 12 of\n\tthem left. \"Why?\"\n\nNobody knew, \"x\" or not.\n";

    [Theory]
    [InlineData(CellKind.Rnn, false)]
    [InlineData(CellKind.Lstm, false)]
    [InlineData(CellKind.Lstm, true)]
    public void Every_score_is_the_correlation_and_the_highest_come_first(CellKind cell, bool memories)
    {
        UnitTrace trace = Traces.Read(Models.Create(cell), Text);
        IReadOnlyList<UnitMatch> matches = UnitFinder.Find(trace, memories);
        double[][] features = FeatureReader.Read(trace.Tokens);

        Assert.Equal(Enum.GetValues<TextFeature>().Length * trace.Layers * trace.Units, matches.Count);
        Assert.Equal(matches.Count, matches.Select(match => (match.Feature, match.Layer, match.Unit)).Distinct().Count());
        foreach (UnitMatch match in matches)
        {
            double[] unit = [.. Enumerable.Range(0, trace.Tokens.Count).Select(token => (double)(memories ? trace.Cell(token, match.Layer) : trace.Hidden(token, match.Layer))[match.Unit])];
            double expected = Correlation(unit, features[(int)match.Feature]);
            Assert.Equal(expected, match.Correlation, 1e-9);
            Assert.Equal(Math.Abs(match.Correlation), match.Score);
        }
        Assert.Equal(matches.OrderByDescending(match => match.Score), matches);
        Assert.Equal(matches, UnitFinder.Find(trace, memories));
    }

    [Fact]
    public void What_the_text_does_not_have_is_left_out()
    {
        IReadOnlyList<UnitMatch> matches = UnitFinder.Find(Traces.Read(Models.Create(), "some letters to be known"));
        Assert.Equal([TextFeature.LinePosition, TextFeature.WordStart, TextFeature.WhiteSpace, TextFeature.Vowel],
            matches.Select(match => match.Feature).Distinct().Order());
        Assert.Empty(UnitFinder.Find(Traces.Read(Models.Create(), "a")));
        Assert.Throws<InvalidOperationException>(() => UnitFinder.Find(Traces.Read(Models.Create(CellKind.Gru), "some letters"), cells: true));
    }

    [Fact]
    public void A_unit_that_never_moves_follows_nothing()
    {
        LanguageModel model = Models.Create(CellKind.Rnn, layers: 1);
        int hidden = model.Options.HiddenSize;
        model.Parameters["rnn.weight_ih_l0"][(3 * model.Vocabulary.Count)..(4 * model.Vocabulary.Count)].Clear();
        model.Parameters["rnn.weight_hh_l0"][(3 * hidden)..(4 * hidden)].Clear();
        Assert.DoesNotContain(UnitFinder.Find(Traces.Read(model, Text)), match => match.Unit == 3);
    }

    [Fact]
    public void A_unit_that_is_made_to_follow_a_feature_is_the_first()
    {
        // One unit that is high at line breaks and nowhere else.
        LanguageModel model = Models.Create(CellKind.Rnn, layers: 1);
        (int hidden, int vocabulary, int space) = (model.Options.HiddenSize, model.Vocabulary.Count, model.Vocabulary.Encode(" ")[0]);
        model.Parameters["rnn.weight_hh_l0"][(5 * hidden)..(6 * hidden)].Clear();
        Span<float> inputs = model.Parameters["rnn.weight_ih_l0"].Slice(5 * vocabulary, vocabulary);
        inputs.Fill(2);
        inputs[space] = -2;
        UnitMatch first = UnitFinder.Find(Traces.Read(model, "some letters to be known by the model"))[0];
        Assert.Equal((TextFeature.WhiteSpace, 0, 5), (first.Feature, first.Layer, first.Unit));
        Assert.Equal(-1, first.Correlation, 1e-6);
    }

    // The textbook's formula: the mean of products less the product of means, by the standard deviations.
    private static double Correlation(double[] x, double[] y)
    {
        double covariance = x.Zip(y, (a, b) => a * b).Average() - x.Average() * y.Average();
        return covariance / Math.Sqrt((x.Average(a => a * a) - x.Average() * x.Average()) * (y.Average(b => b * b) - y.Average() * y.Average()));
    }
}

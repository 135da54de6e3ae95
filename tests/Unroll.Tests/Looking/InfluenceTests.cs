using Unroll.Prediction;
using Unroll.Tests.Model;
using Unroll.Tests.Prediction;
using Unroll.Tests.Reference;
using Xunit;

namespace Unroll.Tests.Looking;

/// <summary>The gradient of one prediction against differences: each element of each vector that was read is nudged in the naive model.</summary>
public class InfluenceTests
{
    // Differences in double precision are good to some 1e-9; what is compared was computed in single.
    private const double Nudge = 1e-5, Tolerance = 2e-5;

    // With a long vector to nudge for every token that was read it takes long, and shows no more.
    public static TheoryData<string> Cases => [.. ModelCase.Kinds.Where(kind => kind.Options.EmbeddingSize > 0 || kind.VocabularySize < 50).Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_is_the_length_of_the_gradient_by_differences(string name)
    {
        ModelCase kind = ModelCase.Find(name);
        LanguageModel model = kind.Model();
        using var reader = new UnitReader(model);
        UnitTrace trace = reader.Read(Traces.TextOf(kind, 5, tokens: kind.VocabularySize > 25 ? 3 : 6));
        int last = trace.Tokens.Count - 1;
        int[] read = [LineStart.Of(model.Vocabulary), .. trace.Tokens.Take(last).Select(token => token.Id)];
        int size = kind.Options.EmbeddingSize > 0 ? kind.Options.EmbeddingSize : kind.VocabularySize;

        // The start of the text is read, too, and has no token.
        double[] expected = [.. Enumerable.Range(1, last).Select(step => Math.Sqrt(Enumerable.Range(0, size).Sum(element => Slope(step, element) * Slope(step, element))))];

        Close.Equal(expected, [.. reader.Influence(trace, last)], Tolerance, "influence");
        if (last > 2)
            Close.Equal(expected[^2..], [.. reader.Influence(trace, last, back: 2)], Tolerance * expected.Max() / expected[^2..].Max(), "influence of the last two");

        double Slope(int step, int element) => (Loss(step, element, Nudge) - Loss(step, element, -Nudge)) / (2 * Nudge);

        double Loss(int step, int element, double by) => kind.Reference().Run(
            read, [.. Enumerable.Repeat(0, last), trace.Tokens[last].Id], 1, noise: new ReferenceNoise { InputShift = (t, _, e) => t == step && e == element ? by : 0 },
            differentiate: false).Losses[^1];
    }

    [Fact]
    public void It_goes_back_no_further_than_asked_and_depends_on_nothing_else()
    {
        LanguageModel model = Models.Create();
        string text = string.Concat(Enumerable.Repeat(Models.Text, 4));
        using var reader = new UnitReader(model);
        UnitTrace trace = reader.Read(text);
        IReadOnlyList<float> longest = reader.Influence(trace, 400, UnitReader.MostBack);
        Assert.Equal(UnitReader.MostBack, longest.Count);
        Assert.Equal(longest.TakeLast(100), reader.Influence(trace, 400));
        Assert.Equal(longest.TakeLast(1), reader.Influence(trace, 400, back: 1));
        Assert.Empty(reader.Influence(trace, 0));
        Assert.Equal(3, reader.Influence(trace, 3).Count);
        Assert.Equal(longest, reader.Influence(trace, 400, UnitReader.MostBack)); // whatever was asked before
        Assert.All(longest, length => Assert.True(length > 0));
    }

    [Fact]
    public void Nothing_reaches_over_a_document_s_beginning()
    {
        ModelCase kind = ModelCase.Find("lstm, documents, 2 layers, tied");
        LanguageModel model = kind.Model();
        using var reader = new UnitReader(model);
        UnitTrace trace = reader.Read(Traces.TextOf(model.Vocabulary, [2, 3, 1, 2, 2, 3]));
        Assert.Equal([2, 3, 1, 2, 2, 3], trace.Tokens.Select(token => token.Id));
        IReadOnlyList<float> influence = reader.Influence(trace, 5);
        Assert.Equal([0f, 0f], influence.Take(2));
        Assert.All(influence.Skip(2), length => Assert.True(length > 0)); // the end of one document begins the next
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var reader = new UnitReader(Models.Create());
        using var other = new UnitReader(Models.Create(CellKind.Gru));
        UnitTrace trace = reader.Read("some letters");
        Assert.Throws<ArgumentException>("trace", () => other.Influence(trace, 3));
        Assert.Throws<ArgumentOutOfRangeException>("token", () => reader.Influence(trace, 12));
        Assert.Throws<ArgumentOutOfRangeException>("token", () => reader.Influence(trace, -1));
        Assert.Throws<ArgumentOutOfRangeException>("back", () => reader.Influence(trace, 3, 0));
        Assert.Throws<ArgumentOutOfRangeException>("back", () => reader.Influence(trace, 3, UnitReader.MostBack + 1));
    }
}

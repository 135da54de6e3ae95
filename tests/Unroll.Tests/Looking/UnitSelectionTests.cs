using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.Looking;

/// <summary>Selections against a search that tries everything.</summary>
public class UnitSelectionTests
{
    private static readonly string Text = string.Concat(Enumerable.Repeat("some letters to be known by the model,\nand a few more. ", 3)) + Models.Text;

    [Theory]
    [InlineData(CellKind.Rnn, 10, 11, 0.3f)]
    [InlineData(CellKind.Lstm, 0, 2, 0.3f)]
    [InlineData(CellKind.Lstm, 7, 9, 0.1f)]
    [InlineData(CellKind.Gru, 30, 33, 0.5f)]
    [InlineData(CellKind.Cifg, 100, 102, 0f)]
    public void Units_and_places_are_those_of_trying_all(CellKind cell, int from, int to, float threshold)
    {
        LanguageModel model = Models.Create(cell);
        using var reader = new UnitReader(model);
        UnitTrace trace = reader.Read(Text), other = reader.Read(Models.Text + Models.Text);
        var selection = new UnitSelection(trace, from, to, threshold);

        SelectedUnit[] units = [.. Enumerable.Range(0, trace.Layers)
            .SelectMany(layer => Enumerable.Range(0, trace.Units).SelectMany(unit => new[] { new SelectedUnit(layer, unit, false), new SelectedUnit(layer, unit, true) }))
            .Where(unit => Enumerable.Range(from, to - from).All(token => IsOn(trace, unit, token)) && (from == 0 || !IsOn(trace, unit, from - 1)))];
        Assert.NotEmpty(units);
        Assert.Equal(units, selection.Units);
        Check(trace, [(from, to)]);
        Check(other, []);

        void Check(UnitTrace text, List<(int From, int To)> taken)
        {
            IReadOnlyList<StretchMatch> found = selection.FindAlike(text);
            int length = to - from;
            var expected = new List<StretchMatch>();
            while (expected.Count < 20)
            {
                StretchMatch[] free = [.. Enumerable.Range(0, text.Tokens.Count - length + 1).Where(start => taken.All(place => start >= place.To || start + length <= place.From))
                    .Select(start => new StretchMatch(start, start + length, units.Count(unit => Enumerable.Range(start, length).All(token => IsOn(text, unit, token))), Distance(text, start)))
                    .Where(match => match.UnitsOn > 0).OrderByDescending(match => match.UnitsOn).ThenBy(match => match.Distance).ThenBy(match => match.From)];
                if (free.Length == 0)
                    break;
                expected.Add(free[0]);
                taken.Add((free[0].From, free[0].To));
            }
            Assert.NotEmpty(expected);
            Assert.Equal(expected.Select(match => (match.From, match.To, match.UnitsOn)), found.Select(match => (match.From, match.To, match.UnitsOn)));
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Distance, pair.Second.Distance, 1e-6));
            Assert.Equal(expected.Take(2).Select(match => match.From), selection.FindAlike(text, most: 2).Select(match => match.From));
        }

        bool IsOn(UnitTrace text, SelectedUnit unit, int token)
        {
            float activation = text.Hidden(token, unit.Layer)[unit.Unit];
            return unit.IsPositive ? activation > threshold : activation < -threshold;
        }

        double Distance(UnitTrace text, int start) => Math.Sqrt(Enumerable.Range(0, to - from).SelectMany(
            i => units.Select(unit => (double)text.Hidden(start + i, unit.Layer)[unit.Unit] - trace.Hidden(from + i, unit.Layer)[unit.Unit])).Average(difference => difference * difference));
    }

    [Fact]
    public void The_same_words_in_another_place_are_alike()
    {
        // Fresh weights are small: what was read a word ago is all but forgotten.
        LanguageModel model = LanguageModel.Create(Models.Create().Vocabulary, new ModelOptions { Cell = CellKind.Gru, HiddenSize = 40 });
        using var reader = new UnitReader(model);
        UnitTrace trace = reader.Read(Text);
        var selection = new UnitSelection(trace, 9, 12, threshold: 0.01f);
        Assert.NotEmpty(selection.Units);
        int second = Text.IndexOf("ers", 20, StringComparison.Ordinal), third = Text.IndexOf("ers", second + 1, StringComparison.Ordinal);
        Assert.Equal([second, third], selection.FindAlike(most: 2).Select(match => match.From).Order());
    }

    [Fact]
    public void A_text_shorter_than_the_selection_has_no_place_for_it_and_no_unit_finds_none()
    {
        using var reader = new UnitReader(Models.Create());
        UnitTrace trace = reader.Read(Text);
        Assert.Empty(new UnitSelection(trace, 3, 7).FindAlike(reader.Read("abc")));
        Assert.Empty(new UnitSelection(trace, 3, 7).FindAlike(most: 0));
        var nothing = new UnitSelection(trace, 3, 7, threshold: 1);
        Assert.Empty(nothing.Units);
        Assert.Empty(nothing.FindAlike());
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var reader = new UnitReader(Models.Create());
        using var other = new UnitReader(Models.Create(CellKind.Gru));
        UnitTrace trace = reader.Read(string.Concat(Enumerable.Repeat(Text, 6)));
        Assert.Throws<ArgumentOutOfRangeException>("from", () => new UnitSelection(trace, -1, 3));
        Assert.Throws<ArgumentOutOfRangeException>("to", () => new UnitSelection(trace, 3, 3));
        Assert.Throws<ArgumentOutOfRangeException>("to", () => new UnitSelection(trace, 3, trace.Tokens.Count + 1));
        Assert.Equal("The selection has 1001 tokens, 1000 at most are compared: select less.", Assert.Throws<UnrollException>(() => new UnitSelection(trace, 0, 1001)).Message);
        Assert.Equal("The threshold of activations must be at least 0, not -0.5.", Assert.Throws<UnrollException>(() => new UnitSelection(trace, 0, 3, -0.5f)).Message);
        Assert.Throws<UnrollException>(() => new UnitSelection(trace, 0, 3, float.NaN));
        var selection = new UnitSelection(trace, 0, 3);
        Assert.Throws<ArgumentException>("text", () => selection.FindAlike(other.Read("some text")));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => selection.FindAlike(cancellationToken: cancelled.Token));
    }
}

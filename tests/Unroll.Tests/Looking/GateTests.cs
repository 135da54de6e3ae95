using Unroll.Prediction;
using Unroll.Tests.Model;
using Xunit;

namespace Unroll.Tests.Looking;

/// <summary>Gates computed again from weights, inputs and states, in double precision.</summary>
public class GateTests
{
    // Where a gate's weights stand, by the cell's equations: PyTorch's order.
    private static (string Name, int Gate)[] GatesOf(CellKind cell) => cell switch
    {
        CellKind.Lstm => [("input", 0), ("forget", 1), ("output", 3)],
        CellKind.Cifg => [("forget", 0), ("output", 2)],
        CellKind.Gru => [("reset", 0), ("update", 1)],
        _ => [],
    };

    public static TheoryData<string> Cases => [.. ModelCase.Kinds.Where(kind => kind.Options.NgramOrder == 0 && !kind.HasDocuments).Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Shares_are_those_of_the_equations(string name)
    {
        ModelCase kind = ModelCase.Find(name);
        if (kind.Options.Activation == Activation.Tanh)
            kind = kind with { Scale = 1.5 }; // large weights: gates at either end
        LanguageModel model = kind.Model();
        UnitTrace trace = Traces.Read(model, Traces.TextOf(kind, 5, 300));
        (string Name, int Gate)[] gates = GatesOf(kind.Options.Cell);
        int units = trace.Units, tokens = trace.Tokens.Count, checkedUnits = 0;

        for (int layer = 0; layer < trace.Layers; layer++)
            foreach ((string gateName, int gate) in gates.Length > 0 ? gates : [("activation", -1)])
            {
                GateShare share = Assert.Single(trace.Gates, share => share.Layer == layer && share.Gate == gateName);
                for (int unit = 0; unit < units; unit++)
                {
                    double[] values = [.. Enumerable.Range(0, tokens).Select(token => gate < 0 ? trace.Hidden(token, layer)[unit] : Gate(model, trace, layer, gate, unit, token))];
                    (double high, double low) = gate >= 0 ? (0.9, 0.1) : kind.Options.Activation == Activation.Tanh ? (0.9, -0.9) : (double.PositiveInfinity, 1e-30);
                    if (values.Any(value => Math.Abs(value - high) < 1e-5 || Math.Abs(value - low) < 1e-5 && gate >= 0))
                        continue; // too near to say
                    checkedUnits++;
                    Assert.Equal((double)values.Count(value => value > high) / tokens, share.OpenByUnit[unit], 1e-12);
                    Assert.Equal((double)values.Count(value => value < low) / tokens, share.ClosedByUnit[unit], 1e-12);
                }
                Assert.Equal(share.OpenByUnit.Average(), share.Open, 1e-12);
                Assert.Equal(share.ClosedByUnit.Average(), share.Closed, 1e-12);
            }
        Assert.Equal(trace.Layers * Math.Max(1, gates.Length), trace.Gates.Count);
        Assert.True(checkedUnits * 2 >= trace.Gates.Count * units);
        if (units > 4)
            Assert.Contains(trace.Gates, share => share.Open + share.Closed is > 0 and < 1);
    }

    private static double Gate(LanguageModel model, UnitTrace trace, int layer, int gate, int unit, int token)
    {
        ModelOptions options = model.Options;
        double sum = Weight($"rnn.bias_ih_l{layer}", gate * trace.Units + unit) + Weight($"rnn.bias_hh_l{layer}", gate * trace.Units + unit);
        double[] input = layer > 0 ? [.. trace.Hidden(token, layer - 1).ToArray().Select(value => (double)value)]
            : options.EmbeddingSize > 0 ? [.. Enumerable.Range(0, options.EmbeddingSize).Select(i => Weight("embedding.weight", trace.Tokens[token].Id * options.EmbeddingSize + i))]
            : [.. Enumerable.Range(0, model.Vocabulary.Count).Select(id => id == trace.Tokens[token].Id ? 1.0 : 0)];
        for (int i = 0; i < input.Length; i++)
            sum += Weight($"rnn.weight_ih_l{layer}", (gate * trace.Units + unit) * input.Length + i) * input[i];
        float[] before = token > 0 ? trace.Hidden(token - 1, layer).ToArray() : StateAtStart(model).Hidden(layer).ToArray();
        for (int i = 0; i < before.Length; i++)
            sum += Weight($"rnn.weight_hh_l{layer}", (gate * trace.Units + unit) * trace.Units + i) * before[i];
        return 1 / (1 + Math.Exp(-sum));

        double Weight(string tensor, int index) => model.Parameters.Find(tensor) is null ? 0 : model.Parameters[tensor][index];
    }

    private static RecurrentState StateAtStart(LanguageModel model)
    {
        using var predictor = new TextPredictor(model, threads: 1);
        predictor.SetState(new RecurrentState(model));
        predictor.Feed([LineStart.Of(model.Vocabulary)]);
        return predictor.GetState();
    }
}

using Unroll.Counts;
using Unroll.Prediction;
using Unroll.Tests.Model;
using Unroll.Tests.Prediction;
using Unroll.Tests.Reference;
using Xunit;

namespace Unroll.Tests.Looking;

/// <summary>What is kept of a text against the naive model in double precision, read token by token.</summary>
public class UnitReaderTests
{
    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void Every_state_and_surprise_is_the_naive_model_s(string name)
    {
        ModelCase kind = ModelCase.Find(name);
        LanguageModel model = kind.Model();
        UnitTrace trace = Traces.Read(model, Traces.TextOf(kind, 5, 14));
        ReferenceModel reference = kind.Reference();

        int before = LineStart.Of(model.Vocabulary);
        double[][]? state = null;
        for (int token = 0; token < trace.Tokens.Count; token++)
        {
            int id = trace.Tokens[token].Id;
            ReferenceResult result = reference.Run([before], [id], 1, state, differentiate: false);
            Assert.Equal(result.Losses[0] / Math.Log(2), trace.SurpriseInBits(token), 1e-5 * Math.Max(1, result.Losses[0]));
            (state, before) = (result.State, id);
            if (token > 0)
                Compare(token - 1, state);
        }
        Compare(trace.Tokens.Count - 1, reference.Run([before], [0], 1, state, differentiate: false).State);

        void Compare(int token, double[][] expected)
        {
            for (int layer = 0; layer < trace.Layers; layer++)
            {
                Close.Equal(expected[layer], trace.Hidden(token, layer), Close.SinglePrecision, $"hidden vector of layer {layer} after token {token}");
                if (trace.HasCell)
                    Close.Equal(expected[trace.Layers + layer], trace.Cell(token, layer), Close.SinglePrecision, $"memory of layer {layer} after token {token}");
            }
        }
    }

    [Theory]
    [InlineData(CellKind.Rnn, 0)]
    [InlineData(CellKind.Gru, 6)]
    [InlineData(CellKind.Lstm, 0)]
    [InlineData(CellKind.Cifg, 6)]
    public void A_long_text_is_read_to_the_bit_as_others_read_it(CellKind cell, int embedding)
    {
        LanguageModel model = Models.Create(cell, embedding: embedding);
        string text = string.Concat(Enumerable.Repeat(Models.Text + "?é", 12)); // more than four pieces, unknown characters in it
        UnitTrace trace = Traces.Read(model, text);
        using var predictor = new TextPredictor(model, threads: 1);

        Assert.Equal(predictor.Score(text), trace.Tokens);
        Assert.Equal(text, string.Concat(trace.Tokens.Select(token => token.Text)));
        foreach (int token in (int[])[0, 1, 254, 255, 256, 257, 511, 512, text.Length - 1])
        {
            predictor.Reset();
            predictor.Feed(text[..(token + 1)]);
            RecurrentState state = predictor.GetState();
            for (int layer = 0; layer < trace.Layers; layer++)
            {
                Assert.Equal(state.Hidden(layer), trace.Hidden(token, layer));
                if (trace.HasCell)
                    Assert.Equal(state.Cell(layer), trace.Cell(token, layer));
            }
        }
        float[] unit = trace.Activations(1, 7);
        Assert.Equal(text.Length, unit.Length);
        Assert.All(Enumerable.Range(0, text.Length), token => Assert.Equal(trace.Hidden(token, 1)[7], unit[token]));
    }

    [Fact]
    public void A_reader_reads_one_text_after_another_and_of_several_networks_the_one_asked_for()
    {
        LanguageModel first = Models.Create(), second = Models.Create(CellKind.Gru), both = LanguageModel.Average(first, second);
        using var reader = new UnitReader(both, network: 1);
        UnitTrace once = reader.Read("some letters"), other = reader.Read("xyz"), again = reader.Read("some letters");
        UnitTrace alone = Traces.Read(second, "some letters");
        Assert.Equal(once.Tokens, again.Tokens);
        Assert.Equal(alone.Tokens, again.Tokens);
        Assert.Equal(alone.Activations(1, 3), again.Activations(1, 3));
        Assert.Equal(3, other.Tokens.Count);
        Assert.False(once.HasCell);
        Assert.Throws<InvalidOperationException>(() => once.Cell(0, 0));
        Assert.Equal("There is no network 2: the model's networks have the numbers 0 to 1.", Assert.Throws<UnrollException>(() => new UnitReader(both, 2)).Message);
        Assert.Throws<UnrollException>(() => new UnitReader(both, -1));
    }

    [Fact]
    public void A_memory_of_counts_has_no_units()
    {
        LanguageModel model = Models.Create();
        LanguageModel remembering = model.WithMemory(CountMemory.Count(model.Vocabulary.Encode(Models.Text), model.Vocabulary));
        using var predictor = new TextPredictor(remembering, threads: 1);
        UnitTrace trace = Traces.Read(remembering, "the quick");
        Assert.Equal(Traces.Read(model, "the quick").Tokens, trace.Tokens);
        Assert.NotEqual(predictor.Score("the quick"), trace.Tokens);
    }

    [Fact]
    public void What_does_not_fit_is_refused_in_a_sentence()
    {
        LanguageModel model = Models.Create();
        using var reader = new UnitReader(model);
        Assert.Equal("There is nothing to look into: the text has no tokens.", Assert.Throws<UnrollException>(() => reader.Read("")).Message);
        Assert.Equal("The text has 20001 tokens, and this network can be looked into for 20000 at a time: take a part of the text.",
            Assert.Throws<UnrollException>(() => reader.Read(new string('a', UnitReader.MostTokens + 1))).Message);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => reader.Read("some", cancelled.Token));
        UnitTrace trace = reader.Read("some");
        Assert.Throws<ArgumentOutOfRangeException>(() => trace.Hidden(4, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => trace.Hidden(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => trace.Hidden(0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => trace.Activations(0, 20));
    }

    [Fact]
    public void A_large_network_is_looked_into_for_fewer_tokens()
    {
        using Corpus corpus = Corpus.Load(TextSource.FromString("ab"));
        LanguageModel model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = CellKind.Gru, HiddenSize = 100, Layers = 64 });
        using var reader = new UnitReader(model);
        Assert.Equal("The text has 15626 tokens, and this network can be looked into for 15625 at a time: take a part of the text.",
            Assert.Throws<UnrollException>(() => reader.Read(new string('a', 15_626))).Message);
    }

    [Fact]
    public void Once_disposed_of_it_says_so()
    {
        var reader = new UnitReader(Models.Create());
        UnitTrace trace = reader.Read("some");
        reader.Dispose();
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.Read("some"));
        Assert.Throws<ObjectDisposedException>(() => reader.Influence(trace, 1));
    }
}

using Xunit;

namespace Unroll.Tests.Model;

/// <summary>How many numbers a model learns, what they are called and how they lie.</summary>
public class ParametersTests
{
    // The counts that the book's models have on its 28 characters (d2l 8.5 to 9.3).
    [Theory]
    [InlineData("the book's RNN from scratch", CellKind.Rnn, 512, 1, Biases.One, 291_356)]
    [InlineData("the concise RNN", CellKind.Rnn, 256, 1, Biases.Two, 80_412)]
    [InlineData("the concise GRU", CellKind.Gru, 256, 1, Biases.Two, 226_844)]
    [InlineData("the book's GRU from scratch", CellKind.Gru, 256, 1, Biases.One, 226_076)]
    [InlineData("the concise LSTM", CellKind.Lstm, 256, 1, Biases.Two, 300_060)]
    [InlineData("the book's LSTM from scratch", CellKind.Lstm, 256, 1, Biases.One, 299_036)]
    [InlineData("the two-layer LSTM", CellKind.Lstm, 256, 2, Biases.Two, 826_396)]
    public void The_book_s_models_have_the_book_s_counts(string name, CellKind cell, int hidden, int layers, Biases biases, int count)
    {
        var options = new ModelOptions { Cell = cell, HiddenSize = hidden, Layers = layers, Biases = biases, ResetGate = biases == Biases.One ? ResetGate.Before : ResetGate.After };
        Assert.True(count == new Parameters(options, 28).Count, name);
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void Tensors_lie_one_after_another_and_fill_the_array(string name)
    {
        ModelCase kind = ModelCase.Find(name);
        var parameters = new Parameters(kind.Options, kind.VocabularySize);
        long offset = 0;
        foreach (ParameterTensor tensor in parameters.Tensors)
        {
            Assert.Equal(offset, tensor.Offset);
            Assert.Equal(tensor.Count, tensor.Shape.Aggregate(1L, (product, size) => product * size));
            parameters[tensor.Name].Fill(1);
            offset += tensor.Count;
        }
        Assert.Equal(parameters.Count, offset);
        Assert.DoesNotContain(0f, parameters.Values.ToArray());
    }

    [Fact]
    public void Names_and_shapes_are_PyTorch_s()
    {
        var options = new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 3, Layers = 2, EmbeddingSize = 5 };
        Assert.Equal(
            [
                "embedding.weight [7, 5]",
                "rnn.weight_ih_l0 [12, 5]", "rnn.weight_hh_l0 [12, 3]", "rnn.bias_ih_l0 [12]", "rnn.bias_hh_l0 [12]",
                "rnn.weight_ih_l1 [12, 3]", "rnn.weight_hh_l1 [12, 3]", "rnn.bias_ih_l1 [12]", "rnn.bias_hh_l1 [12]",
                "decoder.weight [7, 3]", "decoder.bias [7]",
            ],
            new Parameters(options, 7).Tensors.Select(tensor => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}]"));
    }

    [Fact]
    public void A_single_bias_has_no_recurrent_bias_and_tied_weights_no_decoder_weight()
    {
        var options = new ModelOptions { Cell = CellKind.Rnn, HiddenSize = 4, EmbeddingSize = 4, TieWeights = true, Biases = Biases.One };
        Assert.Equal(
            ["embedding.weight", "rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "decoder.bias"],
            new Parameters(options, 7).Tensors.Select(tensor => tensor.Name));
    }

    [Fact]
    public void A_model_too_large_for_an_array_is_refused()
    {
        var exception = Assert.Throws<UnrollException>(() => new Parameters(new ModelOptions { HiddenSize = 65536 }, 100));
        Assert.Contains("parameters", exception.Message);
    }

    [Fact]
    public void A_model_of_no_tokens_is_an_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Parameters(new ModelOptions(), 0));

    [Fact]
    public void An_unknown_tensor_is_an_error() =>
        Assert.Throws<KeyNotFoundException>(() => new Parameters(new ModelOptions(), 3)["rnn.weight_hh_l1"].Length);
}

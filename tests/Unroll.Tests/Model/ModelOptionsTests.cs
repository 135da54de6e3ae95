using Xunit;

namespace Unroll.Tests.Model;

/// <summary>Options that do not make a model are refused in words that name the option.</summary>
public class ModelOptionsTests
{
    public static TheoryData<ModelOptions, string> Wrong => new()
    {
        { new() { HiddenSize = 0 }, "hidden size" },
        { new() { HiddenSize = 70_000 }, "hidden size" },
        { new() { Layers = 0 }, "layers" },
        { new() { Layers = 65 }, "layers" },
        { new() { EmbeddingSize = -1 }, "embedding" },
        { new() { Cell = (CellKind)9 }, "cell" },
        { new() { Activation = (Activation)9 }, "activation" },
        { new() { TieWeights = true }, "Tied" },
        { new() { TieWeights = true, HiddenSize = 8, EmbeddingSize = 9 }, "Tied" },
        { new() { Cell = CellKind.Gru, Biases = Biases.One }, "both bias vectors" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_does_not_make_a_model_is_refused(ModelOptions options, string word)
    {
        var exception = Assert.Throws<UnrollException>(options.Validate);
        Assert.Contains(word, exception.Message);
        Assert.EndsWith(".", exception.Message);
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void Every_kind_of_model_is_accepted(string name) => ModelCase.Find(name).Options.Validate();

    [Fact]
    public void The_defaults_make_a_model() => new ModelOptions().Validate();
}

using Xunit;

namespace Unroll.Tests.Model;

/// <summary>Options that do not make a model are refused in words that name the option.</summary>
public class ModelOptionsTests
{
    public static TheoryData<ModelOptions, string> Wrong => new()
    {
        { new() { HiddenSize = 0 }, "HiddenSize" },
        { new() { HiddenSize = 70_000 }, "HiddenSize" },
        { new() { Layers = 0 }, "Layers" },
        { new() { Layers = 65 }, "Layers" },
        { new() { EmbeddingSize = -1 }, "EmbeddingSize" },
        { new() { Cell = (CellKind)9 }, "Cell" },
        { new() { Activation = (Activation)9 }, "Activation" },
        { new() { ForgetBias = 101 }, "ForgetBias" },
        { new() { ForgetBias = double.NaN }, "ForgetBias" },
        { new() { TieWeights = true }, "TieWeights" },
        { new() { TieWeights = true, HiddenSize = 8, EmbeddingSize = 9 }, "TieWeights" },
        { new() { Cell = CellKind.Gru, Biases = Biases.One }, "Biases" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_does_not_make_a_model_is_refused(ModelOptions options, string property)
    {
        var exception = Assert.Throws<OptionsException>(options.Validate);
        Assert.Equal(property, exception.Property);
        Assert.StartsWith(property + " ", exception.Message);
        Assert.EndsWith(".", exception.Message);
    }

    [Theory]
    [MemberData(nameof(ModelCase.Names), MemberType = typeof(ModelCase))]
    public void Every_kind_of_model_is_accepted(string name) => ModelCase.Find(name).Options.Validate();

    [Fact]
    public void The_defaults_make_a_model() => new ModelOptions().Validate();
}

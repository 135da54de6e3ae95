using Unroll.Tests.Reference;
using Xunit;

namespace Unroll.Tests.Oracles;

/// <summary>Two witnesses in double precision must agree before either may judge the engine.</summary>
public class ReferenceAgainstPyTorchTests
{
    // The file keeps nine digits: half a unit of the last is at most 5e-9 of the number.
    private const double NineDigits = 6e-9;

    [Theory]
    [MemberData(nameof(PyTorchCell.Names), MemberType = typeof(PyTorchCell))]
    public void The_reference_computes_what_PyTorch_computes(string name)
    {
        PyTorchCell cell = PyTorchCell.Find(name);
        Dictionary<string, double[]> parameters = cell.Parameters.ToDictionary(pair => pair.Key, pair => Widen(pair.Value));
        ReferenceResult result = new ReferenceModel(cell.Options, cell.Vocabulary, parameters)
            .Run(cell.Inputs, cell.Targets, cell.Batch, [.. cell.State.Select(Widen)]);

        Close.Equal(cell.Logits, result.Logits, NineDigits, "logits");
        Close.Equal(cell.Losses, result.Losses, NineDigits, "losses");
        Assert.Equal(cell.Loss, result.Loss, 1e-12);
        Assert.Equal(cell.LastState.Length, result.State.Length);
        foreach ((double[] expected, double[] actual) in cell.LastState.Zip(result.State))
            Close.Equal(expected, actual, NineDigits, "state");
        Assert.Equal(cell.Gradients.Keys.Order(), result.Gradients.Keys.Order());
        foreach ((string tensor, double[] gradient) in cell.Gradients)
            Close.Equal(gradient, result.Gradients[tensor], NineDigits, tensor);
    }

    private static double[] Widen(float[] values) => [.. values.Select(value => (double)value)];
}

using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The tensors of one recurrent layer, as views of the parameters or of anything laid out like them.</summary>
/// <param name="InputWeight">[G·H, in].</param>
/// <param name="RecurrentWeight">[R·H, H]; null for a cell without recurrent products.</param>
/// <param name="InputBiases">[G·H].</param>
/// <param name="RecurrentBiases">[R·H]; null where there is one bias vector only.</param>
internal sealed record LayerTensors(
    ParameterTensor InputWeight, ParameterTensor? RecurrentWeight, ParameterTensor InputBiases, ParameterTensor? RecurrentBiases)
{
    /// <summary>The tensors of a layer.</summary>
    public static LayerTensors Find(Parameters parameters, int layer) => new(
        parameters.Find($"rnn.weight_ih_l{layer}")!, parameters.Find($"rnn.weight_hh_l{layer}"),
        parameters.Find($"rnn.bias_ih_l{layer}")!, parameters.Find($"rnn.bias_hh_l{layer}"));

    /// <summary>Where they lie in a storage that begins with a later parameter.</summary>
    /// <param name="first">Which.</param>
    public LayerTensors In(int first) => new(Moved(InputWeight, first)!, Moved(RecurrentWeight, first), Moved(InputBiases, first)!, Moved(RecurrentBiases, first));

    /// <summary>Per gate [H, in].</summary>
    public Matrix[] InputWeights(float[] storage, CellShape shape) => Blocks(storage, InputWeight, shape.Gates);

    /// <summary>Per gate with a recurrent product [H, H].</summary>
    public Matrix[] RecurrentWeights(float[] storage, CellShape shape) =>
        RecurrentWeight is null ? [] : Blocks(storage, RecurrentWeight, shape.RecurrentGates);

    /// <summary>[G, H].</summary>
    public Matrix InputBias(float[] storage, CellShape shape) => Rows(storage, InputBiases, shape.Gates);

    /// <summary>[R, H], or empty.</summary>
    public Matrix RecurrentBias(float[] storage, CellShape shape) => RecurrentBiases is null ? default : Rows(storage, RecurrentBiases, shape.RecurrentGates);

    /// <summary>Where a gate's input weights lie in that storage.</summary>
    public (int Start, int Length) InputRange(int gate, CellShape shape) => Range(InputWeight, gate, shape.Gates);

    /// <summary>Where a gate's recurrent weights lie.</summary>
    public (int Start, int Length) RecurrentRange(int gate, CellShape shape) => Range(RecurrentWeight!, gate, shape.RecurrentGates);

    /// <summary>Where the biases lie.</summary>
    public IEnumerable<(int Start, int Length)> BiasRanges => new[] { InputBiases, RecurrentBiases }.OfType<ParameterTensor>().Select(biases => Range(biases, 0, 1));

    private static (int Start, int Length) Range(ParameterTensor tensor, int block, int blocks)
    {
        int length = checked((int)(tensor.Count / blocks));
        return (checked((int)tensor.Offset + block * length), length);
    }

    private static ParameterTensor? Moved(ParameterTensor? tensor, int first) => tensor is null ? null : tensor with { Offset = tensor.Offset - first };

    private static Matrix[] Blocks(float[] storage, ParameterTensor tensor, int count)
    {
        int rows = tensor.Rows / count;
        return [.. Enumerable.Range(0, count).Select(gate => Matrix.OfPinned(storage, tensor.Offset + (long)gate * rows * tensor.Columns, rows, tensor.Columns))];
    }

    private static Matrix Rows(float[] storage, ParameterTensor tensor, int count) => Matrix.OfPinned(storage, tensor.Offset, count, tensor.Rows / count);
}

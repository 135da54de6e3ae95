// The weights a model starts from, drawn by position from the seed: the same bits on any machine.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>Draws the weights a model starts from.</summary>
internal static class Initializer
{
    private const double NormalScale = 0.01;

    /// <summary>Fills every tensor; each has its own random stream.</summary>
    public static void Fill(Parameters parameters, ModelOptions options, ulong seed)
    {
        double bound = 1 / Math.Sqrt(options.HiddenSize);
        for (int i = 0; i < parameters.Tensors.Count; i++)
        {
            ParameterTensor tensor = parameters.Tensors[i];
            if (Parameters.IsTable(tensor))
                continue;
            Span<float> values = parameters.Slice(tensor);
            var random = new RandomStream(seed, RandomPurpose.InitialWeights, (ulong)i);
            if (options.Initialization == Initialization.Normal)
            {
                if (tensor.IsVector)
                    values.Clear();
                else
                    Normal(values, random, NormalScale);
            }
            // A tied embedding is the decoder's weight too, which wants the decoder's scale.
            else if (tensor.Name == "embedding.weight" && !options.TieWeights)
                Normal(values, random, 1);
            // The vectors of an adaptive softmax's clusters are shorter than the hidden state.
            else
                Uniform(values, random, options.AdaptiveSoftmax > 0 && tensor.Name.StartsWith("decoder.tail.", StringComparison.Ordinal) ? 1 / Math.Sqrt(tensor.Columns) : bound);
        }
        if (options.ForgetBias != 0 && Cells.ShapeOf(options).ForgetGate is { } gate)
            for (int layer = 0; layer < options.Layers; layer++)
                foreach (ref float bias in parameters[$"rnn.bias_ih_l{layer}"].Slice(gate * options.HiddenSize, options.HiddenSize))
                    bias += (float)options.ForgetBias;
    }

    private static void Uniform(Span<float> values, RandomStream random, double bound)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)((2 * random.Uniform((ulong)i) - 1) * bound);
    }

    /// <summary>Marsaglia's polar method; element i has the positions from i·2³² on to itself, so rejections shift nobody.</summary>
    private static void Normal(Span<float> values, RandomStream random, double scale)
    {
        for (int i = 0; i < values.Length; i++)
        {
            ulong position = (ulong)i << 32;
            double x, y, square;
            do
            {
                x = 2 * random.Uniform(position++) - 1;
                y = 2 * random.Uniform(position++) - 1;
                square = x * x + y * y;
            }
            while (square is >= 1 or 0);
            values[i] = (float)(scale * x * Math.Sqrt(-2 * Functions.Log(square) / square));
        }
    }
}

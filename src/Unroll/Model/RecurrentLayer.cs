// One recurrent layer: its packed weights, the buffers of its planes, and the products before and after the recurrence.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>A recurrent layer over windows of at most T steps and B rows.</summary>
internal sealed class RecurrentLayer : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly int hiddenSize;
    private readonly RecurrentPass pass;
    private readonly CellShape shape;
    private readonly RecurrentWeights weights;
    private readonly Matrix[] inputWeights;
    private readonly Matrix[] recurrentWeights;
    private readonly Matrix inputBias;
    private readonly Matrix recurrentBias;
    private readonly PackedMatrix[] input = [];
    private readonly PackedMatrix[] inputBackward = [];
    private readonly bool keepsSteps;
    private readonly int end; // the token that ends a document

    /// <param name="model">The model.</param>
    /// <param name="index">Which layer, from 0.</param>
    /// <param name="rows">B.</param>
    /// <param name="steps">T.</param>
    /// <param name="training">Whether all that the way back needs is kept.</param>
    public RecurrentLayer(LanguageModel model, int index, int rows, int steps, bool training)
    {
        ModelOptions options = model.Options;
        hiddenSize = options.HiddenSize;
        pass = Cells.PassOf(options);
        shape = pass.Shape;
        keepsSteps = training;
        end = model.Vocabulary.EndId ?? DocumentStarts.None;
        IsLookup = index == 0 && options.EmbeddingSize == 0;
        InputSize = index > 0 ? hiddenSize : IsLookup ? model.Vocabulary.Count : options.EmbeddingSize;
        Tensors = LayerTensors.Find(model.Parameters, index);

        float[] values = model.Parameters.Storage;
        inputWeights = Tensors.InputWeights(values, shape);
        recurrentWeights = Tensors.RecurrentWeights(values, shape);
        inputBias = Tensors.InputBias(values, shape);
        recurrentBias = Tensors.RecurrentBias(values, shape);

        if (!IsLookup)
            input = Packs(shape.Gates, InputSize, hiddenSize);
        if (training && !IsLookup)
            inputBackward = Packs(shape.Gates, hiddenSize, InputSize);
        weights = new RecurrentWeights
        {
            Recurrent = Packs(shape.Products.Length, hiddenSize, hiddenSize),
            RecurrentBackward = Packs(training ? shape.Products.Length : 0, hiddenSize, hiddenSize),
            Lookup = IsLookup ? [.. Enumerable.Range(0, shape.Gates).Select(_ => Plane(InputSize))] : [],
            Bias = Plane(shape.Planes),
        };
        int all = checked(rows * steps);
        Gates = [.. Enumerable.Range(0, shape.Planes).Select(_ => Plane(KeepsGates ? all : rows))];
        Extra = shape.HasExtra ? Plane(keepsSteps ? all : rows) : default;
        Hidden = Plane(all + rows + (end != DocumentStarts.None ? 1 : 0));
        Kept = end != DocumentStarts.None ? Plane(DocumentStarts.Slots * rows) : default;
        Memory = shape.Memory is null ? default : Plane(keepsSteps ? all + rows : rows);
        HiddenGradient = training ? Plane(all + rows) : default;
        MemoryGradient = training && shape.Memory is not null ? Plane(rows) : default;
        ExtraGradient = training && shape.HasExtra ? Plane(rows) : default;
    }

    /// <summary>Whether the input is one-hot: a row lookup.</summary>
    public bool IsLookup { get; }

    /// <summary>V for lookup input, otherwise the length of an input vector.</summary>
    public int InputSize { get; }

    /// <summary>Where the layer's numbers stand among the parameters.</summary>
    public LayerTensors Tensors { get; }

    /// <summary>The cell.</summary>
    public CellShape Shape => shape;

    /// <summary>The planes of all rows; see <see cref="RecurrentPlanes"/>.</summary>
    public Matrix[] Gates { get; }

    public Matrix Extra { get; }

    /// <summary>Where documents begin, with a row of zeros behind all others.</summary>
    public Matrix Hidden { get; }

    private Matrix Kept { get; }

    private Matrix Memory { get; }

    private Matrix HiddenGradient { get; }

    private Matrix MemoryGradient { get; }

    private Matrix ExtraGradient { get; }

    // Dense input is multiplied for all steps at once, so its planes hold them all.
    private bool KeepsGates => keepsSteps || !IsLookup;

    /// <summary>The planes of some rows over some steps.</summary>
    public RecurrentPlanes Planes(int firstRow, int rows, int steps)
    {
        return new RecurrentPlanes
        {
            Batch = rows,
            Gates = [.. Gates.Select(plane => Steps(plane, KeepsGates ? steps : 1))],
            Extra = Steps(Extra, keepsSteps ? steps : 1),
            Hidden = Steps(Hidden, steps + 1),
            Memory = Steps(Memory, keepsSteps ? steps + 1 : 1),
            HiddenGradient = Steps(HiddenGradient, steps + 1),
            MemoryGradient = Steps(MemoryGradient, 1),
            ExtraGradient = Steps(ExtraGradient, 1),
            Kept = Steps(Kept, DocumentStarts.Slots),
        };

        Matrix Steps(Matrix plane, int count) => plane.IsEmpty ? default : plane.Slice(firstRow * count, rows * count);
    }

    /// <summary>Rearranges the weights for the kernels, after they changed.</summary>
    public void Pack(int part, int parts)
    {
        (int start, int end) = Share.OfColumns(hiddenSize, parts, part);
        for (int plane = 0; plane < shape.Planes; plane++)
            FillBias(plane, start, end);
        for (int product = 0; product < shape.Products.Length; product++)
        {
            weights.Recurrent[product].PackTransposed(recurrentWeights[shape.Products[product].Gate], part, parts);
            if (weights.RecurrentBackward.Length > 0)
                weights.RecurrentBackward[product].Pack(recurrentWeights[shape.Products[product].Gate], part, parts);
        }
        for (int gate = 0; gate < shape.Gates; gate++)
        {
            if (input.Length > 0)
                input[gate].PackTransposed(inputWeights[gate], part, parts);
            if (inputBackward.Length > 0)
                inputBackward[gate].Pack(inputWeights[gate], part, parts);
            if (IsLookup)
                Lookup.FillTable(inputWeights[gate], weights.Bias.RowSpan(gate), weights.Lookup[gate], start, end);
        }
    }

    /// <summary>Runs the layer over a group's rows from the state that stands in their planes.</summary>
    /// <param name="tokens">The group's [steps·n] ids.</param>
    /// <param name="factors">[steps·n] what their rows are multiplied by; empty = nothing.</param>
    /// <param name="dense">The inputs of this member's share of rows, for dense input.</param>
    /// <param name="planes">The group's rows.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="mask">Dropout of the group's states, [n, H]; empty = none.</param>
    /// <param name="threads">The group's threads; after the call all have met.</param>
    /// <param name="member">Which of them calls.</param>
    /// <param name="firstRow">Where its share of rows begins in the planes.</param>
    public void Forward(
        ReadOnlySpan<int> tokens, ReadOnlySpan<float> factors, Matrix dense, RecurrentPlanes planes, int steps, Matrix mask, ThreadGroup threads, int member, int firstRow)
    {
        if (!IsLookup)
        {
            for (int gate = 0; gate < shape.Gates; gate++)
            {
                Matrix target = planes.Gates[gate].Slice(firstRow, dense.Rows);
                RowOperations.Repeat(weights.Bias, gate, target);
                MatrixProduct.Add(dense, input[gate], target, 0, input[gate].Panels);
            }
            threads.Meet(member);
        }
        pass.Forward(weights, planes, tokens, end, factors, steps, mask, threads, member);
    }

    /// <summary>From ∂loss/∂h of every step to the gradients of the pre-activations; the same conditions as <see cref="Forward"/>.</summary>
    public void Backward(ReadOnlySpan<int> tokens, RecurrentPlanes planes, int steps, Matrix mask, ThreadGroup threads, int member)
    {
        if (member == 0)
        {
            planes.HiddenGradient.Slice(0, planes.Batch).Clear();
            planes.MemoryGradient.Clear();
        }
        threads.Meet(member);
        pass.Backward(weights, planes, tokens, end, steps, mask, threads, member);
    }

    /// <summary>∂loss/∂input for some rows of the planes: target = Σ over gates of Δ_g × W_ih,g.</summary>
    public void InputGradient(Matrix target, int start, int end)
    {
        target.Clear();
        for (int gate = 0; gate < shape.Gates; gate++)
            MatrixProduct.Add(Gates[gate].Slice(start, end - start), inputBackward[gate], target, 0, inputBackward[gate].Panels);
    }

    /// <summary>The same for one-hot input, with respect to all V elements of its vectors. Nothing that learns asks for it, so the
    /// weights are packed here each time.</summary>
    public void OneHotGradient(Matrix target, int start, int end)
    {
        target.Clear();
        using var packed = new PackedMatrix(hiddenSize, InputSize);
        for (int gate = 0; gate < shape.Gates; gate++)
        {
            packed.Pack(inputWeights[gate], 0, 1);
            MatrixProduct.Add(Gates[gate].Slice(start, end - start), packed, target, 0, packed.Panels);
        }
    }

    public void Dispose() => owned.ForEach(item => item.Dispose());

    /// <summary>A plane starts from b_ih of its gate, b_hh, or their sum: b_hh goes where the recurrent product goes.</summary>
    private void FillBias(int plane, int start, int end)
    {
        Span<float> target = weights.Bias.RowSpan(plane)[start..end];
        target.Clear();
        if (plane < shape.Gates)
            RowOperations.Add(inputBias.RowSpan(plane)[start..end], target);
        if (recurrentBias.IsEmpty)
            return;
        foreach (RecurrentProduct product in shape.Products)
            if (product.Plane == plane)
                RowOperations.Add(recurrentBias.RowSpan(product.Gate)[start..end], target);
    }

    private Matrix Plane(int rows) => Matrix.Allocate(rows, hiddenSize, owned);

    private PackedMatrix[] Packs(int count, int rows, int columns)
    {
        PackedMatrix[] packs = [.. Enumerable.Range(0, count).Select(_ => new PackedMatrix(rows, columns))];
        owned.AddRange(packs);
        return packs;
    }
}

// One recurrent layer of a network: its buffers, its packed weights, and the order in which kernels run over them.
// Every method that takes a thread number is called by all threads of the team, each doing its share.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>A recurrent layer over a window of T steps and B rows.</summary>
internal sealed class RecurrentLayer : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly ModelOptions options;
    private readonly int batch;
    private readonly int hiddenSize;
    private readonly RecurrentPass pass;
    private readonly RecurrentPlanes planes;
    private readonly Matrix[] inputWeights;
    private readonly Matrix[] recurrentWeights;
    private readonly Matrix inputBias;
    private readonly Matrix recurrentBias;
    private readonly PackedMatrix[] input = [];
    private readonly PackedMatrix[] inputBackward = [];
    private readonly Gradients? gradients;

    /// <param name="model">The model.</param>
    /// <param name="index">Which layer, from 0.</param>
    /// <param name="batch">B.</param>
    /// <param name="steps">T.</param>
    /// <param name="gradientStorage">Where gradients go, laid out as the parameters; null where nothing is trained.</param>
    public RecurrentLayer(LanguageModel model, int index, int batch, int steps, float[]? gradientStorage)
    {
        options = model.Options;
        this.batch = batch;
        hiddenSize = options.HiddenSize;
        pass = PassFor(options);
        bool training = gradientStorage is not null;
        IsLookup = index == 0 && options.EmbeddingSize == 0;
        InputSize = index > 0 ? hiddenSize : IsLookup ? model.Vocabulary.Count : options.EmbeddingSize;
        bool needsInputGradient = training && !IsLookup;

        float[] values = model.Parameters.Storage;
        ParameterTensor inputTensor = Tensor("weight_ih"), recurrentTensor = Tensor("weight_hh");
        inputWeights = GateSlices(values, inputTensor);
        recurrentWeights = GateSlices(values, recurrentTensor);
        inputBias = GateRows(values, Tensor("bias_ih"));
        recurrentBias = options.Biases == Biases.Two ? GateRows(values, Tensor("bias_hh")) : default;

        if (!IsLookup)
            input = Packs(InputSize, hiddenSize);
        if (needsInputGradient)
            inputBackward = Packs(hiddenSize, InputSize);
        int rows = batch * steps;
        planes = new RecurrentPlanes
        {
            Batch = batch,
            HiddenSize = hiddenSize,
            Gates = [.. Enumerable.Range(0, pass.Planes).Select(_ => Plane(training || !IsLookup ? rows : batch))],
            Extra = pass.HasExtra ? Plane(training ? rows : batch) : default,
            Hidden = Plane(rows + batch),
            Cell = pass.HasCell ? Plane(training ? rows + batch : batch) : default,
            HiddenGradient = training ? Plane(rows + batch) : default,
            CellGradient = training && pass.HasCell ? Plane(batch) : default,
            ExtraGradient = training && pass.HasExtra ? Plane(batch) : default,
            Recurrent = Packs(hiddenSize, hiddenSize),
            RecurrentBackward = training ? Packs(hiddenSize, hiddenSize) : [],
            Lookup = IsLookup ? [.. Enumerable.Range(0, pass.Gates).Select(_ => Plane(InputSize))] : [],
            Bias = Plane(pass.Planes),
        };
        if (gradientStorage is not null)
            gradients = new Gradients(this, gradientStorage, inputTensor, recurrentTensor, Tensor("bias_ih"),
                options.Biases == Biases.Two ? Tensor("bias_hh") : null, rows);

        ParameterTensor Tensor(string name) => model.Parameters.Find($"rnn.{name}_l{index}")!;
    }

    /// <summary>Whether the input is one-hot: a row lookup.</summary>
    public bool IsLookup { get; }

    /// <summary>V for lookup input, otherwise the length of an input vector.</summary>
    public int InputSize { get; }

    /// <summary>[T·B, H]: h after each step.</summary>
    public Matrix Output => planes.Hidden.Slice(batch, planes.Hidden.Rows - batch);

    /// <summary>[T·B, H]: ∂loss/∂h after each step, to be filled in before <see cref="Backward"/>.</summary>
    public Matrix OutputGradient => planes.HiddenGradient.Slice(batch, planes.HiddenGradient.Rows - batch);

    /// <summary>Rearranges the weights for the kernels, after they changed.</summary>
    public void Pack(int part, int parts)
    {
        (int start, int end) = Lookup.Columns(hiddenSize, part, parts);
        for (int plane = 0; plane < pass.Planes; plane++)
            FillBias(plane, start, end);
        for (int gate = 0; gate < pass.Gates; gate++)
        {
            planes.Recurrent[gate].PackTransposed(recurrentWeights[gate], part, parts);
            if (planes.RecurrentBackward.Length > 0)
                planes.RecurrentBackward[gate].Pack(recurrentWeights[gate], part, parts);
            if (input.Length > 0)
                input[gate].PackTransposed(inputWeights[gate], part, parts);
            if (inputBackward.Length > 0)
                inputBackward[gate].Pack(inputWeights[gate], part, parts);
            if (IsLookup)
                Lookup.FillTable(inputWeights[gate], planes.Bias.RowSpan(gate), planes.Lookup[gate], start, end);
        }
    }

    /// <summary>Runs the layer from its carried state.</summary>
    /// <param name="tokens">[steps·B] ids, for lookup input.</param>
    /// <param name="dense">[steps·B, in], for dense input: this thread reads the rows of its share only.</param>
    /// <param name="steps">Steps, at most T.</param>
    /// <param name="team">The threads.</param>
    /// <param name="thread">This thread's number.</param>
    public void Forward(ReadOnlySpan<int> tokens, Matrix dense, int steps, ThreadTeam team, int thread)
    {
        if (!IsLookup)
        {
            (int start, int end) = Share.Of(steps * batch, team.Count, thread);
            for (int gate = 0; gate < pass.Gates; gate++)
            {
                Matrix target = planes.Gates[gate].Slice(start, end - start);
                Lookup.Repeat(planes.Bias, gate, target);
                MatrixProduct.Add(dense.Slice(start, end - start), input[gate], target, 0, input[gate].Panels);
            }
            team.Meet(thread);
        }
        pass.Forward(planes, tokens, steps, team, thread);
    }

    /// <summary>From <see cref="OutputGradient"/> to the gradients of the pre-activations.</summary>
    public void Backward(int steps, ThreadTeam team, int thread)
    {
        if (thread == 0)
        {
            planes.HiddenGradient.Slice(0, batch).Clear();
            planes.CellGradient.Clear();
        }
        team.Meet(thread);
        pass.Backward(planes, steps, team, thread);
    }

    /// <summary>∂loss/∂input for some rows: target = Σ over gates of Δ_g × W_ih,g.</summary>
    public void InputGradient(Matrix target, int start, int end)
    {
        Matrix rows = target.Slice(start, end - start);
        rows.Clear();
        for (int gate = 0; gate < pass.Gates; gate++)
            MatrixProduct.Add(planes.Gates[gate].Slice(start, end - start), inputBackward[gate], rows, 0, inputBackward[gate].Panels);
    }

    /// <summary>The states after each step, once <see cref="PackStates"/> has rearranged them for weight gradients.</summary>
    public PackedRows PackedOutput => new(gradients!.Hidden, batch);

    /// <summary>Rearranges the states for <see cref="WeightGradients"/>; the team meets between the two.</summary>
    public void PackStates(int part, int parts) => gradients!.Pack(part, parts);

    /// <summary>The gradients of all weights and biases of the layer.</summary>
    /// <param name="tokens">[T·B] ids, for lookup input.</param>
    /// <param name="dense">[T·B, in], for dense input.</param>
    public void WeightGradients(ReadOnlySpan<int> tokens, PackedRows dense, Matrix scratch, int part, int parts) =>
        gradients!.Compute(tokens, dense, scratch, part, parts);

    /// <summary>Makes the state after some steps the one that the next window starts from.</summary>
    public void CarryState(int steps)
    {
        Carry(planes.Hidden);
        if (pass.HasCell && gradients is not null)
            Carry(planes.Cell);

        void Carry(Matrix states) => states.Slice(steps * batch, batch).Storage.CopyTo(states.Slice(0, batch).Storage);
    }

    public Span<float> HiddenState(int row) => planes.Hidden.RowSpan(row);

    public Span<float> CellState(int row) => planes.Cell.RowSpan(row);

    public void Dispose() => owned.ForEach(item => item.Dispose());

    private static RecurrentPass PassFor(ModelOptions options) => (options.Cell, options.Activation, options.ResetGate) switch
    {
        (CellKind.Rnn, Activation.Tanh, _) => RecurrentPass.For<RnnCell<TanhNonlinearity>>(),
        (CellKind.Rnn, _, _) => RecurrentPass.For<RnnCell<ReluNonlinearity>>(),
        (CellKind.Gru, _, ResetGate.After) => RecurrentPass.For<GruResetAfterCell>(),
        (CellKind.Gru, _, _) => RecurrentPass.For<GruResetBeforeCell>(),
        _ => RecurrentPass.For<LstmCell>(),
    };

    /// <summary>A plane starts from b_ih of its gate, b_hh, or their sum: b_hh goes where the recurrent product goes.</summary>
    private void FillBias(int plane, int start, int end)
    {
        Span<float> target = planes.Bias.RowSpan(plane)[start..end];
        target.Clear();
        for (int gate = 0; gate < pass.Gates; gate++)
        {
            if (gate == plane)
                Lookup.Add(inputBias.RowSpan(gate)[start..end], target);
            if (!recurrentBias.IsEmpty && pass.RecurrentPlane(gate) == plane)
                Lookup.Add(recurrentBias.RowSpan(gate)[start..end], target);
        }
    }

    private Matrix[] GateSlices(float[] storage, ParameterTensor tensor)
    {
        long size = tensor.Count / pass.Gates;
        return [.. Enumerable.Range(0, pass.Gates).Select(gate => Matrix.OfPinned(storage, tensor.Offset + gate * size, hiddenSize, tensor.Columns))];
    }

    private Matrix GateRows(float[] storage, ParameterTensor tensor) => Matrix.OfPinned(storage, tensor.Offset, pass.Gates, hiddenSize);

    private Matrix Plane(int rows) => Matrix.Allocate(rows, hiddenSize, owned);

    private PackedMatrix[] Packs(int rows, int columns)
    {
        PackedMatrix[] packs = [.. Enumerable.Range(0, pass.Gates).Select(_ => new PackedMatrix(rows, columns))];
        owned.AddRange(packs);
        return packs;
    }

    /// <summary>Where the layer's weight gradients go, and the rearranged operands that make them.</summary>
    private sealed class Gradients
    {
        private readonly RecurrentLayer layer;
        private readonly Matrix[] inputWeights;
        private readonly Matrix[] recurrentWeights;
        private readonly Matrix inputBias;
        private readonly Matrix recurrentBias;
        private readonly PackedMatrix? extra;
        private readonly Matrix[] lookup = [];

        public Gradients(RecurrentLayer layer, float[] storage, ParameterTensor inputTensor, ParameterTensor recurrentTensor,
            ParameterTensor inputBiasTensor, ParameterTensor? recurrentBiasTensor, int rows)
        {
            this.layer = layer;
            inputWeights = layer.GateSlices(storage, inputTensor);
            recurrentWeights = layer.GateSlices(storage, recurrentTensor);
            inputBias = layer.GateRows(storage, inputBiasTensor);
            recurrentBias = recurrentBiasTensor is null ? default : layer.GateRows(storage, recurrentBiasTensor);
            layer.owned.Add(Hidden = new PackedMatrix(rows + layer.batch, layer.hiddenSize));
            if (Enumerable.Range(0, layer.pass.Gates).Any(layer.pass.ReadsExtra))
                layer.owned.Add(extra = new PackedMatrix(rows, layer.hiddenSize));
            if (layer.IsLookup)
                lookup = [.. Enumerable.Range(0, layer.pass.Gates).Select(_ => layer.Plane(layer.InputSize))];
        }

        /// <summary>[(T+1)·B, H]: the state before the window, then h after each step; what the recurrent weights read
        /// from the first row on, and whatever is above the layer from row B on.</summary>
        public PackedMatrix Hidden { get; }

        public void Pack(int part, int parts)
        {
            Hidden.Pack(layer.planes.Hidden, part, parts);
            extra?.Pack(layer.planes.Extra, part, parts);
        }

        public void Compute(ReadOnlySpan<int> tokens, PackedRows dense, Matrix scratch, int part, int parts)
        {
            (RecurrentPass pass, RecurrentPlanes planes) = (layer.pass, layer.planes);
            (int start, int end) = Lookup.Columns(layer.hiddenSize, part, parts);
            for (int gate = 0; gate < pass.Gates; gate++)
            {
                Matrix inputSide = planes.Gates[gate], recurrentSide = planes.Gates[pass.RecurrentPlane(gate)];
                WeightGradient.Compute(recurrentSide, new PackedRows(pass.ReadsExtra(gate) ? extra! : Hidden, 0), recurrentWeights[gate], scratch, part, parts);
                if (layer.IsLookup)
                    Lookup.TableGradient(inputSide, tokens, lookup[gate], inputWeights[gate], start, end);
                else
                    WeightGradient.Compute(inputSide, dense, inputWeights[gate], scratch, part, parts);
                Lookup.SumRows(inputSide, inputBias.RowSpan(gate), start, end);
                if (!recurrentBias.IsEmpty)
                    Lookup.SumRows(recurrentSide, recurrentBias.RowSpan(gate), start, end);
            }
        }
    }
}

// Which cell a model's options name: the one place that knows them all.
using Unroll.Kernels;

namespace Unroll.Model;

/// <summary>The kinds of cells.</summary>
internal static class Cells
{
    private static readonly RecurrentPass RnnTanh = RecurrentPass.For<RnnCell<TanhNonlinearity>>();
    private static readonly RecurrentPass RnnRelu = RecurrentPass.For<RnnCell<ReluNonlinearity>>();
    private static readonly RecurrentPass GruResetAfter = RecurrentPass.For<GruResetAfterCell>();
    private static readonly RecurrentPass GruResetBefore = RecurrentPass.For<GruResetBeforeCell>();
    private static readonly RecurrentPass Lstm = RecurrentPass.For<LstmCell>();
    private static readonly RecurrentPass Cifg = RecurrentPass.For<CifgCell>();

    /// <summary>How a model's layers are computed.</summary>
    public static RecurrentPass PassOf(ModelOptions options) => (options.Cell, options.Activation, options.ResetGate) switch
    {
        (CellKind.Rnn, Activation.Tanh, _) => RnnTanh,
        (CellKind.Rnn, _, _) => RnnRelu,
        (CellKind.Gru, _, ResetGate.After) => GruResetAfter,
        (CellKind.Gru, _, _) => GruResetBefore,
        (CellKind.Lstm, _, _) => Lstm,
        (CellKind.Cifg, _, _) => Cifg,
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Cell, "There is no such kind of cell."),
    };

    /// <summary>What the cell of a model is.</summary>
    public static CellShape ShapeOf(ModelOptions options) => PassOf(options).Shape;
}

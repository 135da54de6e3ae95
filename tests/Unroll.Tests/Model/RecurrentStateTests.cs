using Xunit;

namespace Unroll.Tests.Model;

/// <summary>A state belongs to its caller.</summary>
public class RecurrentStateTests
{
    [Fact]
    public void The_book_s_state_is_one_tensor_of_batch_by_hidden()
    {
        // d2l 8.5: B = 2, H = 512 → one state tensor (2, 512).
        var state = new RecurrentState(new ModelOptions { Cell = CellKind.Rnn, HiddenSize = 512 }, 2);
        Assert.Equal((1, 2, 512, false), (state.Layers, state.Batch, state.HiddenSize, state.HasCell));
        Assert.Equal(2 * 512, state.Hidden(0).Length);
    }

    [Fact]
    public void A_state_too_large_for_an_array_is_no_small_one()
    {
        // 65,536² is 0 in 32 bits.
        Assert.Throws<OverflowException>(() => new RecurrentState(new ModelOptions { HiddenSize = 65536 }, 65536));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecurrentState(new ModelOptions(), 0));
    }

    [Fact]
    public void An_lstm_s_state_is_a_pair()
    {
        var state = new RecurrentState(new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 3, Layers = 2 }, 4);
        Assert.True(state.HasCell);
        Assert.Equal(12, state.Cell(1).Length);
    }

    [Fact]
    public void A_clone_shares_nothing()
    {
        var state = new RecurrentState(new ModelOptions { HiddenSize = 2 });
        state.Hidden(0).Fill(1);
        state.Cell(0).Fill(2);
        RecurrentState clone = state.Clone();
        state.Clear();
        Assert.Equal([1f, 1f], clone.Hidden(0).ToArray());
        Assert.Equal([2f, 2f], clone.Cell(0).ToArray());
        Assert.Equal([0f, 0f], state.Hidden(0).ToArray());
        Assert.Equal([0f, 0f], state.Cell(0).ToArray());
    }
}

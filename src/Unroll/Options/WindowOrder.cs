namespace Unroll;

/// <summary>How windows are drawn from a text, and whether the state is carried between them.</summary>
public enum WindowOrder
{
    /// <summary>Row i of a minibatch continues row i of the one before; the state is carried (d2l 8.3.4.2).</summary>
    Sequential,

    /// <summary>Windows in random order; every minibatch starts from a zero state (d2l 8.3.4.1).</summary>
    Random,

    /// <summary>The book's published "random" run: windows drawn as in <see cref="Sequential"/>, the state reset at every minibatch all the same.</summary>
    Reset,
}

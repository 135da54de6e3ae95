namespace Unroll;

/// <summary>A stretch of a text where units are on as they are in a selected one.</summary>
/// <param name="From">Its first token.</param>
/// <param name="To">The token after its last.</param>
/// <param name="UnitsOn">How many of the selected units are on throughout, with the same sign.</param>
/// <param name="Distance">How far the selected units' activations are from those of the selection, token by token: the root of the mean
/// square of their differences.</param>
public readonly record struct StretchMatch(int From, int To, int UnitsOn, double Distance);

namespace Unroll;

/// <summary>A unit that is on throughout a stretch of a text.</summary>
/// <param name="Layer">Its layer, from 0.</param>
/// <param name="Unit">The unit, from 0.</param>
/// <param name="IsPositive">Whether its activation is above the threshold there; otherwise it is below the threshold's negative.</param>
public readonly record struct SelectedUnit(int Layer, int Unit, bool IsPositive);

namespace Unroll;

/// <summary>How closely a unit follows a feature of a text.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Layer">The unit's layer, from 0.</param>
/// <param name="Unit">The unit, from 0.</param>
/// <param name="Correlation">Pearson's correlation of its activation with the feature, −1 to 1; below 0 where the unit is low when the
/// feature is there.</param>
public readonly record struct UnitMatch(TextFeature Feature, int Layer, int Unit, double Correlation)
{
    /// <summary>How closely, whatever the sign: 0 to 1.</summary>
    public double Score => Math.Abs(Correlation);
}

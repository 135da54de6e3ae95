namespace Unroll.Web.Pages.Inside;

/// <summary>A place of a longer text at which units of a selection are on.</summary>
/// <param name="Text">The place, in brackets, and a little of what stands around it.</param>
/// <param name="Line">In which line it begins, from 1.</param>
/// <param name="UnitsOn">How many of the units are on throughout it.</param>
/// <param name="Distance">How far the activations are from the selection's.</param>
internal readonly record struct AlikePlace(string Text, int Line, int UnitsOn, double Distance);

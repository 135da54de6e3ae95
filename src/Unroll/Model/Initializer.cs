namespace Unroll.Model;

/// <summary>Draws the weights a model starts from.</summary>
internal static class Initializer
{
    /// <summary>Fills every tensor; each has its own random stream, so adding a layer does not move another's weights.</summary>
    public static void Fill(Parameters parameters, ModelOptions options, ulong seed) => throw new NotImplementedException();
}

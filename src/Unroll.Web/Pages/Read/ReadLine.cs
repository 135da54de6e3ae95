namespace Unroll.Web.Pages.Read;

/// <summary>A line of a text that has been read.</summary>
/// <param name="Number">Which, from 1.</param>
/// <param name="First">Its first token.</param>
/// <param name="Count">How many tokens it has.</param>
/// <param name="Bits">How much of a surprise they were together.</param>
internal readonly record struct ReadLine(int Number, int First, int Count, double Bits)
{
    /// <summary>Bits per token.</summary>
    public double Mean => Bits / Count;
}

namespace Unroll.Web.Runs;

/// <summary>What a model said in training.</summary>
/// <param name="Epoch">When.</param>
/// <param name="Prefix">What it continued.</param>
/// <param name="Text">How.</param>
internal sealed record RunSample(long Epoch, string Prefix, string Text);

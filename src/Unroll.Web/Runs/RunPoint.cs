namespace Unroll.Web.Runs;

/// <summary>A line of a run's log: where the run was, and how well its model predicted.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="Update">Updates made.</param>
/// <param name="Tokens">Predictions made.</param>
/// <param name="Seconds">Seconds of the run.</param>
/// <param name="Loss">Loss in training, nats per token; null where it is no number.</param>
/// <param name="ValidationLoss">Loss on the validation text, if it was measured.</param>
/// <param name="TokensPerSecond">Speed.</param>
/// <param name="LearningRate">The learning rate.</param>
internal sealed record RunPoint(long Epoch, long Update, long Tokens, double Seconds, double? Loss, double? ValidationLoss, double? TokensPerSecond, double? LearningRate);

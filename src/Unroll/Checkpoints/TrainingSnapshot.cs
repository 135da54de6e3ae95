namespace Unroll;

/// <summary>The state of an unfinished run, as the trainer wrote it: a JSON object and named arrays
/// (stored as tensors <c>training.NAME</c>, shape [n]).</summary>
/// <param name="Json">Options, counters and losses: the trainer's own words.</param>
/// <param name="Tensors">Moments, carried state, best parameters so far.</param>
public sealed record TrainingSnapshot(string Json, IReadOnlyDictionary<string, float[]> Tensors);

using Unroll.Checkpoints;

namespace Unroll;

/// <summary>What a model file says of its model, without the numbers learned: read in no time however large the model is.</summary>
/// <param name="Version">The version of the file's format.</param>
/// <param name="Networks">The shapes of the model's networks (<see cref="LanguageModel.Members"/>), at least one.</param>
/// <param name="Vocabulary">The tokens it knows.</param>
/// <param name="Summary">How it came to be, or null.</param>
/// <param name="UnderWay">Whether the file holds the state of an unfinished run too.</param>
public sealed record CheckpointMetadata(int Version, IReadOnlyList<ModelOptions> Networks, Vocabulary Vocabulary, TrainingSummary? Summary, bool UnderWay)
{
    /// <summary>The shape of the (first) network.</summary>
    public ModelOptions Options => Networks[0];

    /// <summary>Whether this version of Unroll can go on with the unfinished run: it wrote it, or a version whose sums run in the same order did.</summary>
    public bool CanBeResumed => UnderWay && Version == ModelMetadata.Current;
}

// The model that a run would end with if it ended now: the best on the validation text; until there is one, the last while all
// was well. And what is said when the run blows up, which is the one moment that it becomes the result before the end.
using System.Globalization;

namespace Unroll.Training;

/// <summary>Keeps a copy of the model that learns.</summary>
/// <param name="learning">The model that learns.</param>
internal sealed class KeptModel(LanguageModel learning)
{
    /// <summary>The copy.</summary>
    public LanguageModel Model { get; } = learning.Blank();

    /// <summary>After how many updates it was taken; 0 = before the run.</summary>
    public long Updates { get; private set; }

    /// <summary>Whether it is the best on a validation text.</summary>
    public bool IsBest { get; private set; }

    /// <summary>Says that the copy, filled in from a file, is of an earlier part of the run.</summary>
    public void Restored(long updates, bool isBest) => (Updates, IsBest) = (updates, isBest);

    /// <summary>Takes a copy.</summary>
    public void Take(long updates, bool isBest)
    {
        learning.Parameters.Values.CopyTo(Model.Parameters.Values);
        (Updates, IsBest) = (updates, isBest);
    }

    /// <summary>Makes the copy the model that has learned.</summary>
    public void Give() => Model.Parameters.Values.CopyTo(learning.Parameters.Values);

    /// <summary>What is left after a run has diverged, as a clause.</summary>
    public string Describe() =>
        Updates == 0 ? "as it was before the run" : IsBest ? "that did best on the validation text" : $"as it was after update {Updates:0}";

    /// <summary>Tells that the run has gone back to this model.</summary>
    /// <inheritdoc cref="Diverged"/>
    public string WentBack(long update, double loss, double uniformLoss, bool gradientExploded, int rollbacks) =>
        $"{What(loss, uniformLoss, gradientExploded)} at update {update}: back to the model {Describe()}, and on at 1/{1 << rollbacks} of the learning rate.";

    /// <summary>Tells that the run has diverged.</summary>
    /// <param name="update">The number of the update.</param>
    /// <param name="loss">Its loss.</param>
    /// <param name="uniformLoss">What a blind guess costs.</param>
    /// <param name="gradientExploded">Whether the gradient has grown beyond all bounds.</param>
    /// <param name="rollbacks">How often the run has gone back to a good model and halved the rate.</param>
    /// <param name="options">How the model was to learn.</param>
    /// <param name="path">The file that the kept model is in, or null.</param>
    public TrainingDivergedException Diverged(
        long update, double loss, double uniformLoss, bool gradientExploded, int rollbacks, TrainingOptions options, string? path)
    {
        string what = What(loss, uniformLoss, gradientExploded);
        string times = rollbacks == 0 ? "" : $", though the run had gone back to a good model {(rollbacks == 1 ? "once" : $"{rollbacks} times")} and halved the rate each time";
        Sentence rate = $"{new PropertyName(nameof(options.LearningRate))} (it is {options.LearningRate})";
        Sentence clip = $"{new PropertyName(nameof(options.Clip))}";
        Sentence advice = $"The learning rate is probably too high: lower {rate} or {clip} (it is {options.Clip}).";
        if (options.Clip == 0)
            advice = $"The learning rate is probably too high for gradients of any size: set {clip} to 1, or lower {rate}.";
        string rest = path is null || Updates == 0 ? $"What is left is the model {Describe()}." : $"The model {Describe()} is kept in '{path}'.";
        return new TrainingDivergedException($"{what} at update {update}{times}. {advice} {rest}") { Update = update, Loss = loss };
    }

    private static string What(double loss, double uniformLoss, bool gradientExploded) =>
        double.IsNaN(loss) ? "The loss became NaN"
        : !double.IsFinite(loss) ? "The loss became infinite"
        : gradientExploded ? "The gradient has grown beyond all bounds"
        : string.Create(CultureInfo.InvariantCulture, $"The loss has grown to {loss:0.0} (a blind guess costs {uniformLoss:0.0})");
}

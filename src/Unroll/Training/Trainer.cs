using Unroll.Data;
using Unroll.Model;

namespace Unroll.Training;

/// <summary>Trains a model on a corpus by truncated back-propagation through time (d2l 8.5).</summary>
public sealed class Trainer
{
    /// <summary>Prepares a run.</summary>
    public Trainer(LanguageModel model, Corpus corpus, TrainingOptions? options = null) => throw new NotImplementedException();

    /// <summary>Trains. The model's parameters are the result: with a validation text those of the best epoch.</summary>
    /// <param name="progress">Told synchronously, on the calling thread; it may sample from the model.</param>
    /// <param name="cancellationToken">Finishes the step, saves (where there is a place) and returns with <c>Completed</c> false.</param>
    public TrainingResult Run(IProgress<TrainingReport>? progress = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}

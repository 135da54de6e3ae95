// The mean of the weights over the last part of a run. A learning rate that does not fall to zero leaves weights that wander
// about a good place; their mean is nearer to it than any of them.
using Unroll.Kernels;

namespace Unroll.Training;

/// <summary>Averages a model's weights (Polyak and Juditsky 1992; over the tail of a run only, Izmailov et al. 2018).</summary>
/// <param name="learning">The model that learns.</param>
internal sealed class WeightAverage(LanguageModel learning)
{
    /// <summary>From one sample to the next the weights should have moved: every update's would cost more and say no more.</summary>
    public const int UpdatesPerSample = 16;

    /// <summary>The mean, as a model.</summary>
    public LanguageModel Model { get; } = learning.Blank();

    /// <summary>How many samples it is the mean of; 0 = there is no average yet.</summary>
    public long Samples { get; set; }

    /// <summary>Takes the weights after an update, if it is time to.</summary>
    /// <param name="options">Which part of the run counts.</param>
    /// <param name="updates">Updates made.</param>
    /// <param name="fraction">How much of the run was done before the last, 0 to 1.</param>
    public void Add(TrainingOptions options, long updates, double fraction)
    {
        if (fraction < 1 - options.TailAverage || updates % UpdatesPerSample != 0)
            return;
        Samples++;
        if (Samples == 1)
            learning.Parameters.Values.CopyTo(Model.Parameters.Values);
        else
            RunningMean.Add(Model.Parameters.Values, learning.Parameters.Values, 1f / Samples);
    }

    /// <summary>Lets the mean, once there is one, and the model that learns change places: so whoever looks at that model sees the
    /// mean. To be called again before the run goes on.</summary>
    public void Exchange()
    {
        if (Samples == 0)
            return;
        Span<float> mean = Model.Parameters.Values, values = learning.Parameters.Values;
        for (int i = 0; i < mean.Length; i++)
            (mean[i], values[i]) = (values[i], mean[i]);
    }
}

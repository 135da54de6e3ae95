// What the server does, in numbers, by the platform's own instruments: whoever listens to meters hears them, and /metrics is one of them.
// The names are those of llama.cpp's server where it has the number, too.
using System.Diagnostics.Metrics;
using Unroll.Web.Models;
using Unroll.Web.Sessions;

namespace Unroll.Web.Metrics;

/// <summary>The instruments of one server.</summary>
internal sealed class ServingMeter : IDisposable
{
    /// <summary>What the meter is called.</summary>
    public const string Name = "Unroll.Serving";

    private static readonly double[] Waits = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly ServedModels models;

    /// <param name="models">The models.</param>
    /// <param name="sessions">The sessions.</param>
    public ServingMeter(ServedModels models, SessionShelf sessions)
    {
        this.models = models;
        Counter("prompt_tokens", "tokens of prompts that were read", (_, figures) => figures.TokensRead);
        Counter("prompt_tokens_cached", "tokens of prompts that were not read, because the state after them was remembered", (_, figures) => figures.TokensCached);
        Counter("prompt_seconds", "time until texts' first tokens, queues included, of all texts together", (model, _) => model.Times.Prompts.TotalSeconds);
        Counter("tokens_predicted", "tokens produced", (_, figures) => figures.TokensProduced);
        Counter("tokens_predicted_seconds", "time from texts' first tokens to their ends, of all texts together", (model, _) => model.Times.Texts.TotalSeconds);
        Counter("n_decode", "steps: each gives every text that is ready a token", (_, figures) => figures.Steps);
        Gauge("n_busy_slots_per_decode", "tokens produced per step", (_, figures) => figures.Steps == 0 ? 0 : (double)figures.TokensProduced / figures.Steps);
        Gauge("requests_processing", "texts under way", (_, figures) => figures.Active);
        Gauge("requests_deferred", "texts that wait for a slot", (_, figures) => figures.Queued);
        Gauge("remembered_states", "states that are remembered after prompts", (_, figures) => figures.RememberedStates);
        Gauge("remembered_bytes", "what they take", (_, figures) => figures.RememberedBytes);
        Meter.CreateObservableGauge(Full("sessions"), () => sessions.All().Count, null, "sessions that are remembered");
        Meter.CreateObservableGauge(Full("session_bytes"), () => sessions.All().Sum(session => session.Bytes), null, "what they take");
        Histogram<double> first = Meter.CreateHistogram(
            Full("time_to_first_token_seconds"), null, "how long texts' first tokens were waited for", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Waits });
        foreach (ServedModel model in models.All)
            model.Times.FirstTokenCame += waited => first.Record(waited.TotalSeconds, Tag(model));
    }

    /// <summary>The meter.</summary>
    public Meter Meter { get; } = new(Name);

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    private static string Full(string name) => $"unroll_{name}";

    private static KeyValuePair<string, object?> Tag(ServedModel model) => new("model", model.Id);

    private void Counter(string name, string description, Func<ServedModel, BatchFigures, double> value) =>
        Meter.CreateObservableCounter(Full(name), () => Measure(value), null, description);

    private void Gauge(string name, string description, Func<ServedModel, BatchFigures, double> value) =>
        Meter.CreateObservableGauge(Full(name), () => Measure(value), null, description);

    private IEnumerable<Measurement<double>> Measure(Func<ServedModel, BatchFigures, double> value) =>
        models.All.Select(model => new Measurement<double>(value(model, model.Generator.Figures), Tag(model)));
}

// The text format of Prometheus (version 0.0.4), as much of it as one meter needs.
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Unroll.Web.Metrics;

/// <summary>Listens to a meter, and writes down what it says.</summary>
internal sealed class PrometheusText : IDisposable
{
    /// <summary>What the text is, for the header.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly object gate = new();
    private readonly SortedDictionary<string, Family> families = new(StringComparer.Ordinal); // under the gate
    private readonly MeterListener listener = new();

    /// <param name="meter">The meter, which has all its instruments.</param>
    public PrometheusText(Meter meter)
    {
        listener.InstrumentPublished = (instrument, its) =>
        {
            if (instrument.Meter != meter)
                return;
            lock (gate)
                families.Add(instrument.Name, new Family(instrument));
            its.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.Start();
    }

    /// <summary>Everything as of now.</summary>
    public string Write()
    {
        lock (gate)
        {
            listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (Family family in families.Values)
                family.Write(text);
            return text.ToString();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (gate)
            families[instrument.Name].Take(Labels(tags), value);
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach ((string name, object? value) in tags)
            labels.Append(labels.Length > 0 ? "," : "").Append(name).Append("=\"").Append($"{value}".Replace("\\", @"\\").Replace("\n", @"\n").Replace("\"", "\\\"")).Append('"');
        return labels.ToString();
    }

    private sealed class Family(Instrument instrument)
    {
        private readonly SortedDictionary<string, double> values = new(StringComparer.Ordinal); // by labels
        private readonly SortedDictionary<string, long[]> buckets = new(StringComparer.Ordinal);
        private readonly IReadOnlyList<double> bounds = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? [];

        private bool IsHistogram => instrument is Histogram<double>;

        private bool IsCounter => instrument.GetType().Name.Contains("Counter", StringComparison.Ordinal);

        public void Take(string labels, double value)
        {
            // An instrument that is looked at tells what it has come to; one that is told things adds them up.
            values[labels] = instrument.IsObservable ? value : values.GetValueOrDefault(labels) + value;
            if (!IsHistogram)
                return;
            if (!buckets.TryGetValue(labels, out long[]? counts))
                buckets.Add(labels, counts = new long[bounds.Count + 1]);
            int bucket = 0;
            while (bucket < bounds.Count && value > bounds[bucket])
                bucket++;
            counts[bucket]++;
        }

        public void Write(StringBuilder text)
        {
            string name = instrument.Name + (IsCounter ? "_total" : "");
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Description}\n# TYPE {name} {(IsHistogram ? "histogram" : IsCounter ? "counter" : "gauge")}\n");
            foreach ((string labels, double value) in values)
            {
                if (IsHistogram)
                    WriteBuckets(text, name, labels);
                Line(text, IsHistogram ? $"{name}_sum" : name, labels, value);
                if (IsHistogram)
                    Line(text, $"{name}_count", labels, buckets[labels].Sum());
            }
        }

        private void WriteBuckets(StringBuilder text, string name, string labels)
        {
            long below = 0;
            for (int i = 0; i <= bounds.Count; i++)
            {
                string bound = i < bounds.Count ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                Line(text, $"{name}_bucket", $"{labels}{(labels.Length > 0 ? "," : "")}le=\"{bound}\"", below += buckets[labels][i]);
            }
        }

        private static void Line(StringBuilder text, string name, string labels, double value) =>
            text.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Length > 0 ? $"{{{labels}}}" : "")} {value}\n");
    }
}

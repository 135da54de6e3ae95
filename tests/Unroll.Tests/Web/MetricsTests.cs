using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Unroll.Web.Metrics;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>GET /metrics.</summary>
public partial class MetricsTests
{
    [Fact]
    public async Task What_the_server_has_done_is_told()
    {
        await using TestServer server = await TestServer.StartAsync(Models.Create());
        Assert.Equal(0, (await ReadAsync(server))["unroll_tokens_predicted_total{model=\"tiny\"}"]);
        (await server.CompleteAsync("{'prompt': 'The quick', 'max_tokens': 50, 'n': 2}")).Succeeded();
        (await server.CompleteAsync("{'prompt': 'The quick', 'max_tokens': 10}")).Succeeded();
        (await server.PostAsync("/v1/score", "{'input': 'fox'}")).Succeeded();
        (await server.PostAsync("/v1/sessions", "{}")).Succeeded();
        Dictionary<string, double> figures = await ReadAsync(server);
        Assert.Equal(110, figures["unroll_tokens_predicted_total{model=\"tiny\"}"]);
        Assert.Equal(27 + 4, figures["unroll_prompt_tokens_total{model=\"tiny\"}"] + figures["unroll_prompt_tokens_cached_total{model=\"tiny\"}"]);
        Assert.InRange(figures["unroll_prompt_tokens_cached_total{model=\"tiny\"}"], 9, 18);
        Assert.Equal((0, 0), (figures["unroll_requests_processing{model=\"tiny\"}"], figures["unroll_requests_deferred{model=\"tiny\"}"]));
        Assert.InRange(figures["unroll_n_busy_slots_per_decode{model=\"tiny\"}"], 1, 3);
        Assert.InRange(figures["unroll_n_decode_total{model=\"tiny\"}"], 49, 110);
        Assert.True(figures["unroll_prompt_seconds_total{model=\"tiny\"}"] > 0 && figures["unroll_tokens_predicted_seconds_total{model=\"tiny\"}"] > 0);
        Assert.InRange(figures["unroll_remembered_states{model=\"tiny\"}"], 2, 20);
        Assert.InRange(figures["unroll_remembered_bytes{model=\"tiny\"}"], 640, 100000);
        Assert.Equal((1, 0), (figures["unroll_sessions"], figures["unroll_session_bytes"]));
        // Three texts have had a first token; each bucket holds those below it, too.
        Assert.Equal(3, figures["unroll_time_to_first_token_seconds_count{model=\"tiny\"}"]);
        double[] buckets = [.. figures.Where(pair => pair.Key.StartsWith("unroll_time_to_first_token_seconds_bucket", StringComparison.Ordinal)).Select(pair => pair.Value)];
        Assert.Equal(15, buckets.Length);
        Assert.Equal(buckets.Order(), buckets);
        Assert.Equal(3, figures["unroll_time_to_first_token_seconds_bucket{model=\"tiny\",le=\"+Inf\"}"]);
        Assert.InRange(figures["unroll_time_to_first_token_seconds_sum{model=\"tiny\"}"], 1e-9, figures["unroll_prompt_seconds_total{model=\"tiny\"}"] + 1e-6);
    }

    [Fact]
    public async Task It_is_behind_the_key()
    {
        await using TestServer server = await TestServer.StartAsync(Models.Create(), new ServeOptions { ApiKey = "secret" });
        (await server.GetAsync("/metrics")).Refused(HttpStatusCode.Unauthorized, null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "secret");
        (await server.SendAsync(request)).Succeeded();
    }

    [Fact]
    public void Names_and_labels_are_written_as_Prometheus_reads_them()
    {
        using var meter = new Meter("test");
        meter.CreateObservableGauge("b", () => new Measurement<long>(3, new KeyValuePair<string, object?>("model", "a\"\\\nb"), new("k", 1)), null, "what it is");
        Counter<double> counter = meter.CreateCounter<double>("a", null, "a sum");
        using var text = new PrometheusText(meter);
        counter.Add(1.5);
        counter.Add(2);
        Assert.Equal("# HELP a_total a sum\n# TYPE a_total counter\na_total 3.5\n# HELP b what it is\n# TYPE b gauge\nb{model=\"a\\\"\\\\\\nb\",k=\"1\"} 3\n", text.Write());
    }

    private static async Task<Dictionary<string, double>> ReadAsync(TestServer server)
    {
        string text = (await server.GetAsync("/metrics")).Succeeded().Text;
        Assert.EndsWith("\n", text);
        var figures = new Dictionary<string, double>();
        string family = "";
        foreach (string line in text.TrimEnd('\n').Split('\n'))
        {
            if (Comment().Match(line) is { Success: true } comment)
            {
                family = comment.Groups[1].Value;
                continue;
            }
            Match match = Sample().Match(line);
            Assert.True(match.Success && line.StartsWith(family, StringComparison.Ordinal), line);
            figures.Add(match.Groups[1].Value, double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
        }
        return figures;
    }

    [GeneratedRegex("""^((?:[a-z_]+)(?:\{(?:[a-z]+="[^"]*",?)+\})?) ([0-9.e+-]+)$""")]
    private static partial Regex Sample();

    [GeneratedRegex("^# (?:HELP|TYPE) ([a-z_]+) .+$")]
    private static partial Regex Comment();
}

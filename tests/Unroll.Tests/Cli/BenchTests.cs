using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>The keys of <c>bench --json</c> are a promise, to bench/compare.cs among others.</summary>
public class BenchTests
{
    [Fact]
    public void A_shape_of_one_s_own_is_measured_and_named()
    {
        JsonElement json = UnrollProcess.Run(
            ".", "bench", "--cell", "gru", "--hidden", "8", "--layers", "2", "--embedding", "3", "--vocabulary", "5", "--batch", "2", "--steps", "4",
            "--streams", "7", "--threads", "1", "--seconds", "0.01", "--json").Succeeded().Json;

        Assert.Equal(["peakGigaflopsPerSecond", "lanes", "threads", "results"], Keys(json));
        Assert.Equal(1, json.GetProperty("threads").GetInt32());
        JsonElement result = Assert.Single(json.GetProperty("results").EnumerateArray());
        Assert.Equal(
            ["cell", "hidden", "layers", "embedding", "vocabulary", "batch", "steps", "streams", "millisecondsPerStep", "tokensPerSecond",
                "gigaflopsPerSecond", "fractionOfPeak", "evaluatedTokensPerSecond", "generatedTokensPerSecond"],
            Keys(result));
        Assert.Equal("gru", result.GetProperty("cell").GetString());
        Assert.Equal([8, 2, 3, 5, 2, 4, 7], Keys(result).Skip(1).Take(7).Select(key => result.GetProperty(key).GetInt32()));
        Assert.All(Keys(result).Skip(8), key => Assert.True(result.GetProperty(key).GetDouble() > 0, key));
    }

    [Fact]
    public void One_stream_is_generated_unless_more_are_asked_for()
    {
        JsonElement json = UnrollProcess.Run(".", "bench", "--cell", "rnn", "--hidden", "4", "--threads", "1", "--seconds", "0.01", "--json").Succeeded().Json;

        Assert.Equal(1, json.GetProperty("results")[0].GetProperty("streams").GetInt32());
    }

    private static List<string> Keys(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];
}

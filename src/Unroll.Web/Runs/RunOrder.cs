using System.Text.Json;
using System.Text.Json.Serialization;
using Unroll.Files;

namespace Unroll.Web.Runs;

/// <summary>What somebody asked for on the page, as it is kept beside the run, so that it can be gone on with tomorrow.</summary>
/// <param name="Name">What the run is called.</param>
/// <param name="Preset">The named settings.</param>
/// <param name="Seconds">How long it may take; null = as long as the text deserves.</param>
internal sealed record RunOrder(string Name, string Preset, double? Seconds)
{
    private const string FileName = "order.json";

    /// <summary>Reads it from a run's folder; null where there is none, or it makes no sense.</summary>
    public static RunOrder? In(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, FileName)), RunOrderJson.Default.RunOrder) is { Name: not null, Preset: not null } order ? order : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it to a run's folder.</summary>
    public void Write(string folder) =>
        AtomicFile.Write(Path.Combine(folder, FileName), stream => stream.Write(JsonSerializer.SerializeToUtf8Bytes(this, RunOrderJson.Default.RunOrder)));
}

/// <summary>Its form.</summary>
[JsonSerializable(typeof(RunOrder))]
internal sealed partial class RunOrderJson : JsonSerializerContext;

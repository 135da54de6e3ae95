// What a text depends on, as the page's address has it: a link with the same settings writes the same text, to the letter.
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Unroll.Web.Pages.Play;

/// <summary>The settings of the page where a model writes.</summary>
internal sealed record PlaySettings
{
    private static readonly PlaySettings Usual = new();

    /// <summary>The model's name; empty = the first.</summary>
    public string Model { get; init; } = "";

    /// <summary>What is continued.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Tokens to write at most.</summary>
    public int Length { get; init; } = 400;

    /// <summary>As in <see cref="GenerationOptions"/>.</summary>
    public double Temperature { get; init; } = 0.8;

    /// <inheritdoc cref="Temperature"/>
    public int TopK { get; init; }

    /// <inheritdoc cref="Temperature"/>
    public double TopP { get; init; } = 1;

    /// <inheritdoc cref="Temperature"/>
    public double MinP { get; init; }

    /// <inheritdoc cref="Temperature"/>
    public ulong Seed { get; init; } = 1;

    /// <summary>Whether the text appears as fast as it is written, not as fast as one reads.</summary>
    public bool AtOnce { get; init; }

    /// <summary>The places where the text leaves what the model wrote by itself, in order.</summary>
    public string Path { get; init; } = "";

    /// <summary>Other paths that have been tried, separated by <c>;</c>.</summary>
    public string Others { get; init; } = "";

    /// <summary>Whether a second text stands beside the first.</summary>
    public bool Compares { get; init; }

    /// <summary>The second text's model; empty = the same.</summary>
    public string OtherModel { get; init; } = "";

    /// <summary>The second text's temperature.</summary>
    public double OtherTemperature { get; init; } = 0.4;

    /// <summary><see cref="Path"/> of the second text.</summary>
    public string SecondPath { get; init; } = "";

    /// <summary><see cref="Others"/> of the second text.</summary>
    public string SecondOthers { get; init; } = "";

    /// <summary>The settings of the first text alone.</summary>
    public PlaySettings First => this with { Compares = false, OtherModel = "", OtherTemperature = Usual.OtherTemperature, SecondPath = "", SecondOthers = "" };

    /// <summary>The settings of the second text alone.</summary>
    public PlaySettings Second => First with { Model = OtherModel.Length > 0 ? OtherModel : Model, Temperature = OtherTemperature, Path = SecondPath, Others = SecondOthers };

    /// <summary>Reads them from an address; what it does not say, or says wrongly, is as usual.</summary>
    public static PlaySettings FromQuery(string query)
    {
        Dictionary<string, StringValues> said = QueryHelpers.ParseQuery(query);
        return new PlaySettings
        {
            Model = Text("model"),
            Prefix = Text("prefix"),
            Length = (int)Math.Clamp(Number("length", Usual.Length), 1, 100_000),
            Temperature = Math.Clamp(Number("temperature", Usual.Temperature), 0, 10),
            TopK = (int)Math.Clamp(Number("topk", Usual.TopK), 0, 1_000_000),
            TopP = Math.Clamp(Number("topp", Usual.TopP), 0.001, 1),
            MinP = Math.Clamp(Number("minp", Usual.MinP), 0, 1),
            Seed = ulong.TryParse(Text("seed"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) ? seed : Usual.Seed,
            AtOnce = Text("pace") == "once",
            Path = Text("path"),
            Others = Text("others"),
            Compares = said.ContainsKey("temperature2") || said.ContainsKey("model2"),
            OtherModel = Text("model2"),
            OtherTemperature = Math.Clamp(Number("temperature2", Usual.OtherTemperature), 0, 10),
            SecondPath = Text("path2"),
            SecondOthers = Text("others2"),
        };

        string Text(string name) => said.TryGetValue(name, out StringValues value) ? value.ToString() : "";

        double Number(string name, double usual) =>
            double.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : usual;
    }

    /// <summary>The address of a page with these settings.</summary>
    public string Address()
    {
        var said = new Dictionary<string, string?> { ["model"] = Model };
        SayText("prefix", Prefix);
        Say("length", Length, Usual.Length);
        Say("temperature", Temperature, Usual.Temperature);
        Say("topk", TopK, Usual.TopK);
        Say("topp", TopP, Usual.TopP);
        Say("minp", MinP, Usual.MinP);
        Say("seed", Seed, Usual.Seed);
        SayText("pace", AtOnce ? "once" : "");
        SayText("path", Path);
        SayText("others", Others);
        if (Compares)
        {
            said["model2"] = OtherModel;
            said["temperature2"] = OtherTemperature.ToString(CultureInfo.InvariantCulture);
            SayText("path2", SecondPath);
            SayText("others2", SecondOthers);
        }
        return QueryHelpers.AddQueryString("/play", said);

        void Say<T>(string name, T value, T usual) where T : IFormattable
        {
            if (!value.Equals(usual))
                said[name] = value.ToString(null, CultureInfo.InvariantCulture);
        }

        void SayText(string name, string value)
        {
            if (value.Length > 0)
                said[name] = value;
        }
    }

    /// <summary>How the library is asked.</summary>
    public GenerationOptions Options => new() { Length = Length, Temperature = Temperature, TopK = TopK, TopP = TopP, MinP = MinP, Seed = Seed };
}

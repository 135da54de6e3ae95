// The fields that both ways of asking for texts have, under the same names.
using System.Globalization;
using System.Text.Json;
using Unroll.Web.Safety;

namespace Unroll.Web.Api;

/// <summary>Reads how a text is to be drawn.</summary>
internal static class SamplingFields
{
    private const int MostStops = 4, MostChoices = 128;

    // A seed that nobody has chosen stays below 2^53: JavaScript knows no larger whole numbers, and it must be able to send it back.
    private const long SeedsToChoose = 1L << 53;

    /// <summary>How many texts are wanted of each prompt.</summary>
    public static int Choices(JsonFields fields) => fields.Count("n", 1, MostChoices) ?? 1;

    /// <summary>How tokens are chosen.</summary>
    /// <param name="fields">The request.</param>
    /// <param name="length">The most tokens.</param>
    public static GenerationOptions Options(JsonFields fields, int length)
    {
        fields.Text("user"); // an account of the client's own: nothing here depends on it
        double topP = fields.Number("top_p", 0, 1) ?? 1;
        return new GenerationOptions
        {
            Length = length,
            Temperature = fields.Number("temperature", 0, 2) ?? 1,
            TopP = topP == 0 ? double.Epsilon : topP, // the likeliest token alone
            TopK = Math.Max(0, fields.Count("top_k", -1, int.MaxValue) ?? 0), // -1 = all, as elsewhere
            MinP = fields.Number("min_p", 0, 1) ?? 0,
            RepetitionPenalty = fields.Number("repetition_penalty", 1, 100) ?? 1,
            PresencePenalty = fields.Number("presence_penalty", -2, 2) ?? 0,
            FrequencyPenalty = fields.Number("frequency_penalty", -2, 2) ?? 0,
            LogitBias = Bias(fields),
            StopSequences = Stops(fields),
            Seed = unchecked((ulong)(fields.Whole("seed") ?? Random.Shared.NextInt64(SeedsToChoose))),
        };
    }

    /// <summary>Whether a stream is wanted, and whether it is to end with what was counted.</summary>
    public static (bool Streams, bool TellsUsage) Stream(JsonFields fields)
    {
        bool streams = fields.Flag("stream");
        if (fields.Take("stream_options") is not { } value)
            return (streams, false);
        if (!streams)
            throw fields.Mistake("stream_options", "says how a stream is: give it with \"stream\": true only");
        var options = new JsonFields(value, "stream_options");
        bool tells = options.Flag("include_usage");
        if (options.Flag("include_obfuscation"))
            options.Unsupported("include_obfuscation");
        options.End();
        return (true, tells);
    }

    /// <summary>Refuses what would be more than a request may ask for.</summary>
    /// <param name="query">The request.</param>
    /// <param name="limits">The most.</param>
    /// <param name="lengthField">What the endpoint calls the number of tokens.</param>
    /// <param name="promptField">What it calls the prompt.</param>
    public static TextQuery Within(TextQuery query, ServeOptions limits, string lengthField, string promptField = "prompt")
    {
        long texts = (long)query.Prompts.Count * query.Tried;
        if (texts > limits.MaxTexts)
            throw Refusal.OfField(query.Prompts.Count > 1 ? promptField : "n", $"The request asks for {texts} texts, and at most {limits.MaxTexts} may be asked for at a time: ask several times.");
        if (texts * query.Options.Length > limits.MaxTokens)
            throw Refusal.OfField(lengthField, $"The request asks for {texts * query.Options.Length} tokens in all, and at most {limits.MaxTokens} may be asked for at a time.");
        foreach (Prompt prompt in query.Prompts)
            CheckLength(prompt, query, limits, promptField);
        return query;
    }

    // No kind of token is less than a byte, so most prompts need not be split to know.
    private static void CheckLength(Prompt prompt, TextQuery query, ServeOptions limits, string field)
    {
        int tokens = prompt.Ids?.Count ?? System.Text.Encoding.UTF8.GetByteCount(prompt.Text);
        if (prompt.Ids is null && tokens > limits.MaxPrompt)
            tokens = query.Model.Vocabulary.Encode(prompt.Text).Length;
        if (tokens > limits.MaxPrompt)
            throw new Refusal(400, "context_length_exceeded", $"A prompt has {tokens} tokens, and at most {limits.MaxPrompt} are taken.") { Field = field };
    }

    private static IReadOnlyList<string> Stops(JsonFields fields)
    {
        if (fields.Take("stop") is not { } value)
            return [];
        string[] stops = value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array when value.EnumerateArray().All(each => each.ValueKind == JsonValueKind.String) => [.. value.EnumerateArray().Select(each => each.GetString()!)],
            _ => throw fields.Mistake("stop", "must be a text or an array of texts"),
        };
        if (stops.Length > MostStops)
            throw fields.Mistake("stop", $"may have at most {MostStops} texts, not {stops.Length}");
        return stops.All(stop => stop.Length > 0) ? stops : throw fields.Mistake("stop", "must not be an empty text");
    }

    private static Dictionary<int, double> Bias(JsonFields fields)
    {
        var bias = new Dictionary<int, double>();
        if (fields.Take("logit_bias") is not { } value)
            return bias;
        var each = new JsonFields(value, fields.NameOf("logit_bias"));
        foreach (JsonProperty entry in value.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                throw fields.Mistake("logit_bias", $"must have the ids of tokens as names, not '{entry.Name}'");
            if (each.Number(entry.Name, -100, 100) is { } added)
                bias[id] = added;
        }
        return bias;
    }
}

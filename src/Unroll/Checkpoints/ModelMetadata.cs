// The strings under __metadata__ in a model file, both ways: which keys there are and what each must hold.
using System.Text.Json;
using Unroll.Model;
using Unroll.Options;

namespace Unroll.Checkpoints;

/// <summary>Everything in a model file that is not a tensor.</summary>
/// <param name="Networks">The shapes of the model's networks, valid.</param>
/// <param name="Tokens">The vocabulary in id order.</param>
/// <param name="Text">How a text becomes tokens.</param>
/// <param name="Summary">How the model came to be, or null.</param>
/// <param name="Training">The JSON object of a run under way, or null.</param>
internal sealed record ModelMetadata(
    IReadOnlyList<ModelOptions> Networks, IReadOnlyList<string> Tokens, TextOptions Text, TrainingSummary? Summary, string? Training)
{
    private const string Format = "unroll";
    private const int First = 1;

    /// <summary>The version that is written.</summary>
    public const int Current = 2;

    /// <summary>The version of the format.</summary>
    public int Version { get; private init; } = Current;

    /// <summary>Whether today's Unroll wrote it.</summary>
    public bool IsCurrent => Version == Current;

    /// <summary>The keys and values, in the order in which they are written.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ToEntries()
    {
        var entries = new List<KeyValuePair<string, string>>
        {
            new("format", Format),
            new("version", $"{Current}"),
            new("options", OptionsWriter.Write(Networks[0], ModelOptions.Pass)),
            new("text", OptionsWriter.Write(Text, TextOptions.Pass)),
        };
        if (Networks.Count > 1)
            entries.Add(new("members", $"[{string.Join(',', Networks.Skip(1).Select(options => OptionsWriter.Write(options, ModelOptions.Pass)))}]"));
        if (Summary is not null)
            entries.Add(new("summary", OptionsWriter.Write(Summary, TrainingSummary.Pass)));
        if (Training is not null)
            entries.Add(new("training", Training));
        entries.Add(new("vocabulary", JsonText.QuoteAll(Tokens)));
        return entries;
    }

    /// <summary>Reads and checks the metadata of a file.</summary>
    /// <exception cref="UnusableFileException">Something is missing or wrong.</exception>
    public static ModelMetadata Read(IReadOnlyDictionary<string, string> entries)
    {
        int version = ReadVersion(entries);
        if (version == First)
            entries = FirstVersion.Upgrade(entries);
        ModelOptions options = Parse("options", Required(entries, "options"), json => OptionsReader.Read<ModelOptions>(json, ModelOptions.Pass));
        ModelOptions[] others = entries.TryGetValue("members", out string? members)
            ? Parse("members", members, json => OptionsReader.Records<ModelOptions>(json, ModelOptions.Pass))
            : [];
        string[] tokens = Parse("vocabulary", Required(entries, "vocabulary"), OptionsReader.Strings);
        TextOptions text = Parse("text", Required(entries, "text"), json => OptionsReader.Read<TextOptions>(json, TextOptions.Pass));
        TrainingSummary? summary = entries.TryGetValue("summary", out string? words)
            ? Parse("summary", words, json => OptionsReader.Read<TrainingSummary>(json, TrainingSummary.Pass))
            : null;
        var metadata = new ModelMetadata([options, .. others], tokens, text, summary, entries.GetValueOrDefault("training")) { Version = version };
        metadata.Check();
        return metadata;
    }

    /// <summary>Checks the values, as a writer and as a reader.</summary>
    /// <exception cref="UnusableFileException">One is wrong.</exception>
    public void Check()
    {
        try
        {
            foreach (ModelOptions options in Networks)
            {
                options.Validate();
                if (options.AdaptiveSoftmax > 0)
                    _ = new SoftmaxClusters(options, Tokens.Count);
            }
            Text.Validate();
            Summary?.Training?.Validate();
            Summary?.Corpus?.Validate();
        }
        catch (OptionsException e)
        {
            throw new UnusableFileException($"its options make no sense ({e.Message.TrimEnd('.')})");
        }
        if (Networks.Count > LanguageModel.MostMembers)
            throw new UnusableFileException($"it has {Networks.Count} networks, and the most is {LanguageModel.MostMembers}");
        if (Summary is { Epochs: < 0 } or { Updates: < 0 } or { Tokens: < 0 })
            throw new UnusableFileException("its summary has a count below 0");
        if (Summary is not null && !(double.IsFinite(Summary.TrainingLoss) && double.IsFinite(Summary.ValidationLoss ?? 0) && double.IsFinite(Summary.NetworkLoss ?? 0)))
            throw new UnusableFileException("its summary has a loss that is not a number");
        if (Summary?.From is { } from && !(from.Length == ModelFingerprint.Length && from.All(char.IsAsciiHexDigitLower)))
            throw new UnusableFileException("its summary names the model it went on from by something that is no fingerprint");
        if (Training is not null)
            Parse("training", Training, json => OptionsReader.Checked(json));
        CheckTokens();
    }

    private static int ReadVersion(IReadOnlyDictionary<string, string> entries)
    {
        if (!entries.TryGetValue("format", out string? format))
            throw new UnusableFileException("it is a safetensors file, but its metadata does not say that Unroll made it (\"format\" is missing)");
        if (format != Format)
            throw new UnusableFileException($"it is a safetensors file of the format {Quoted.Text(format)}, not {Quoted.Text(Format)}");
        string version = Required(entries, "version");
        for (int known = First; known <= Current; known++)
        {
            if (version == $"{known}")
                return known;
        }
        bool newer = version.Length is > 0 and < 10 && version.All(char.IsAsciiDigit) && version[0] != '0';
        throw new UnusableFileException(newer
            ? $"it was made by a newer Unroll (version {version} of the format; this one reads up to version {Current})"
            : $"its version is {Quoted.Text(version)}, which does not exist");
    }

    private void CheckTokens()
    {
        if (Tokens.Count == 0)
            throw new UnusableFileException("its vocabulary is empty");
        var seen = new HashSet<string>(Tokens.Count);
        for (int id = 0; id < Tokens.Count; id++)
        {
            // An array in JSON may hold null whatever its type says.
            string? token = Tokens[id];
            if (token is null)
                throw new UnusableFileException($"its vocabulary has null in place of token {id}");
            if (!seen.Add(token))
                throw new UnusableFileException($"its vocabulary has the token {Quoted.Text(token)} twice");
            if (HasHalfPair(token))
                throw new UnusableFileException($"its vocabulary's token {id} holds half a surrogate pair, which is no character");
        }
    }

    private static bool HasHalfPair(string token)
    {
        for (int i = 0; i < token.Length; i++)
        {
            if (!char.IsSurrogate(token[i]))
                continue;
            if (i + 1 == token.Length || !char.IsSurrogatePair(token[i], token[i + 1]))
                return true;
            i++;
        }
        return false;
    }

    private static T Parse<T>(string key, string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (JsonException e)
        {
            throw new UnusableFileException($"its metadata \"{key}\" is wrong: {e.Message}");
        }
    }

    private static string Required(IReadOnlyDictionary<string, string> entries, string key) =>
        entries.TryGetValue(key, out string? value) ? value : throw new UnusableFileException($"its metadata \"{key}\" is missing");
}

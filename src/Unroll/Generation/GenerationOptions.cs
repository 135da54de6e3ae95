// How text is drawn from a model. The command line carries this same record under these names.
using Unroll.Generation;

namespace Unroll;

/// <summary>How text is drawn from a model. Every property has a default.</summary>
public sealed record GenerationOptions
{
    internal const int MostBeams = 64;

    /// <summary>Tokens to produce at most.</summary>
    public int Length { get; init; } = 200;

    /// <summary>0 takes the likeliest token each time; 1 samples from the model's distribution; in between sharpens it, above flattens it.</summary>
    public double Temperature { get; init; }

    /// <summary>Sample only among the k likeliest tokens; 0 = all.</summary>
    public int TopK { get; init; }

    /// <summary>Sample only among the fewest likeliest tokens whose probabilities reach p (Holtzman et al. 2020), of those that
    /// <see cref="Temperature"/>, <see cref="TopK"/> and <see cref="MinP"/> leave; 1 = all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Sample only among tokens that are at least p times as likely as the likeliest (min-p; Nguyen et al. 2024), by what
    /// <see cref="Temperature"/> makes of their probabilities; 0 = all.</summary>
    public double MinP { get; init; }

    /// <summary>Makes repetitions less likely (Keskar et al. 2019): a token's logit log(p·V), zero where it is as likely as chance,
    /// is divided by this if it is positive and multiplied otherwise. A repetition is, of word tokens, a word that stands among the
    /// last 128 tokens read or produced; of others, one that makes a passage of 8 tokens which stands among the last 512. 1 = leave
    /// everything as it is.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Taken from the logit of every token that the continuation has already, −2 to 2; 0 = nothing. Of letters every one soon
    /// is: there <see cref="RepetitionPenalty"/> serves better.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>Taken from a token's logit as often as the continuation has it, −2 to 2; 0 = nothing.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of tokens by their ids, −100 to 100 each; ids that the model does not have are refused when a text
    /// begins. None = nothing.</summary>
    public IReadOnlyDictionary<int, double> LogitBias { get; init => field = new BiasTable(value); } = BiasTable.Empty;

    /// <summary>Produce only tokens that are made of these characters, single ones or ranges such as <c>a-z</c>; a hyphen that
    /// stands first or last is itself. The space between the book's words always comes. Empty = all.</summary>
    public string AllowedCharacters { get; init; } = "";

    /// <summary>Look for the likeliest continuation with so many kept side by side (beam search), 2 to 64, instead of taking a token
    /// at a time; nothing is drawn then. 1 = no search.</summary>
    public int Beam { get; init; } = 1;

    /// <summary>α: a search takes the continuation whose log P / lengthᵅ is highest (d2l 10.8), so 0 favours short ones.</summary>
    public double LengthPenalty { get; init; } = 0.75;

    /// <summary>Stop as soon as one of these texts has been produced; it is kept, and nothing after it. The prefix does not count.
    /// None = never.</summary>
    public IReadOnlyList<string> StopSequences { get; init => field = new TextList(value); } = TextList.Empty;

    /// <summary>Equal seeds give equal texts.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Which of several samples this is; each draws its own random numbers.</summary>
    public ulong Sample { get; init; }

    /// <summary>Checks that the options make sense.</summary>
    /// <exception cref="OptionsException">They do not.</exception>
    public void Validate()
    {
        OptionsException.Require(Length >= 0, nameof(Length), $"must be at least 0, not {Length}.");
        OptionsException.Require(double.IsFinite(Temperature) && Temperature >= 0, nameof(Temperature), $"must be at least 0, not {Temperature}.");
        OptionsException.Require(TopK >= 0, nameof(TopK), $"must be at least 1 (or 0 for all tokens), not {TopK}.");
        OptionsException.Require(TopP > 0 && TopP <= 1, nameof(TopP), $"must be greater than 0 and at most 1, not {TopP}.");
        OptionsException.Require(MinP >= 0 && MinP <= 1, nameof(MinP), $"must be at least 0 and at most 1, not {MinP}.");
        OptionsException.Require(double.IsFinite(RepetitionPenalty) && RepetitionPenalty >= 1, nameof(RepetitionPenalty), $"must be at least 1, not {RepetitionPenalty}.");
        foreach ((string property, double penalty) in (ReadOnlySpan<(string, double)>)[(nameof(PresencePenalty), PresencePenalty), (nameof(FrequencyPenalty), FrequencyPenalty)])
            OptionsException.Require(penalty >= -2 && penalty <= 2, property, $"must be from -2 to 2, not {penalty}.");
        foreach ((int id, double bias) in LogitBias)
            OptionsException.Require(bias >= -100 && bias <= 100, nameof(LogitBias), $"must be from -100 to 100 for each token, not {bias} for token {id}.");
        Alphabet.Check(AllowedCharacters);
        OptionsException.Require(Beam >= 1 && Beam <= MostBeams, nameof(Beam), $"must be from 1 to {MostBeams}, not {Beam}.");
        OptionsException.Require(double.IsFinite(LengthPenalty) && LengthPenalty >= 0, nameof(LengthPenalty), $"must be at least 0, not {LengthPenalty}.");
        foreach ((string property, bool isGiven) in (ReadOnlySpan<(string, bool)>)
            [(nameof(Temperature), Temperature > 0), (nameof(TopK), TopK > 0), (nameof(TopP), TopP < 1), (nameof(MinP), MinP > 0)])
            OptionsException.Require(Beam == 1 || !isGiven, nameof(Beam), $"looks for the likeliest text and draws nothing: leave out {new PropertyName(property)}.");
        OptionsException.Require(StopSequences.All(text => !string.IsNullOrEmpty(text)), nameof(StopSequences), $"must be texts of at least one character each.");
    }
}

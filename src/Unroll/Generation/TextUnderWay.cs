// What a text has come to, as far as its next token and its end depend on it: the model's own state is the predictor's business.
using Unroll.Data.Tokens;

namespace Unroll.Generation;

/// <summary>A text that is being written.</summary>
internal sealed class TextUnderWay
{
    private readonly TokenDecoder decoder;
    private readonly StopTexts stop;
    private readonly Repetitions? repetitions;
    private readonly LogitAdjustments? adjustments;
    private readonly Alphabet? alphabet;
    private readonly int? end; // the token that ends a document
    private long place = Alphabet.Whole; // in the alphabet

    /// <summary>Nothing read and nothing written yet.</summary>
    /// <exception cref="OptionsException">The options leave no token.</exception>
    public TextUnderWay(GenerationOptions options, Vocabulary vocabulary)
    {
        (decoder, stop, end) = (new TokenDecoder(vocabulary), new StopTexts(options.StopSequences), vocabulary.EndId);
        if (options.PresencePenalty != 0 || options.FrequencyPenalty != 0 || options.LogitBias.Count > 0)
            adjustments = new LogitAdjustments(options, vocabulary.Count);
        if (options.RepetitionPenalty != 1)
            repetitions = new Repetitions(options.RepetitionPenalty, vocabulary);
        if (options.AllowedCharacters.Length > 0)
            alphabet = new Alphabet(options.AllowedCharacters, vocabulary);
    }

    private TextUnderWay(TextUnderWay other) => (decoder, stop, repetitions, adjustments, alphabet, end, place, IsEnded, IsDocument)
        = (other.decoder.Branch(), other.stop.Branch(), other.repetitions?.Branch(), other.adjustments?.Branch(), other.alphabet, other.end, other.place, other.IsEnded, other.IsDocument);

    /// <summary>Whether a stop text or a document's end has been produced.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Whether it was the document's end.</summary>
    public bool IsDocument { get; private set; }

    /// <summary>The texts that end it, and how much of one has come.</summary>
    public StopTexts Stop => stop;

    /// <summary>Whether what is written never bears on what may follow.</summary>
    public bool IsFree => stop.IsEmpty && !Judges && end is null;

    /// <summary>Whether <see cref="Judge"/> changes anything.</summary>
    public bool Judges => repetitions is not null || adjustments is not null || alphabet is not null;

    /// <summary>Another one, as far as this one has come: for texts that go on in several ways.</summary>
    public TextUnderWay Branch() => new(this);

    /// <summary>Reads a token of the prefix.</summary>
    public void Read(int id)
    {
        decoder.Append(id); // it is not printed again, but the next token's text may depend on it
        repetitions?.Append(id);
    }

    /// <summary>Makes repetitions less likely, adds what the options add, and makes what is not allowed no number at all.</summary>
    /// <param name="logProbabilities">[V], in nats: the model's.</param>
    /// <param name="judged">[V], not normalised; no infinity but the negative.</param>
    public void Judge(ReadOnlySpan<float> logProbabilities, Span<float> judged)
    {
        logProbabilities.CopyTo(judged);
        repetitions?.Judge(logProbabilities, judged);
        adjustments?.Judge(judged);
        if (alphabet?.Allowed(place) is not { } allowed)
            return;
        for (int id = 0; id < judged.Length; id++)
        {
            // What is allowed comes before what is not even where the model knows no number for it.
            judged[id] = !allowed[id] ? float.NaN : float.IsNaN(judged[id]) ? float.NegativeInfinity : judged[id];
        }
    }

    /// <summary>Writes a token.</summary>
    /// <returns>The text that it completes, up to the end of a stop text; perhaps none.</returns>
    public string Write(int id)
    {
        if (id == end)
        {
            IsEnded = IsDocument = true;
            return "";
        }
        string text = decoder.Append(id);
        repetitions?.Append(id);
        adjustments?.Append(id);
        if (alphabet is not null)
            place = alphabet.After(place, id);
        int length = stop.Take(text);
        IsEnded = length >= 0;
        return IsEnded ? text[..length] : text;
    }
}

// Lets a model speak while it learns, and at the end.
using System.Text;
using Unroll.Data.Tokens;

namespace Unroll.Runs;

/// <summary>Samples from the model in training: the book's runs as the book does, others with a little chance.</summary>
internal sealed class SampleSpeaker
{
    private const int Length = 50;
    private const double Temperature = 0.7;
    private const int TextbookEvery = 10;
    private const double SecondsBetween = 1;

    private readonly LanguageModel model;
    private readonly TrainingOptions options;
    private readonly int threads;
    private readonly bool greedy;
    private readonly long every;
    private readonly bool everyAsked;
    private double last = double.NegativeInfinity;

    /// <param name="model">The model that learns.</param>
    /// <param name="corpus">The text.</param>
    /// <param name="options">How it learns.</param>
    /// <param name="threads">Threads; 0 = one per core.</param>
    /// <param name="likeTheBook">Whether it speaks as the book's runs do: the likeliest letters, after the book's prefixes, every ten epochs.</param>
    /// <param name="every">Epochs between two samples, 0 = never; null = about twenty in a run.</param>
    /// <param name="prefix">What is continued; null = the text's first words.</param>
    public SampleSpeaker(LanguageModel model, Corpus corpus, TrainingOptions options, int threads = 0, bool likeTheBook = false, long? every = null, string? prefix = null)
    {
        (this.model, this.options, this.threads, greedy) = (model, options, threads, likeTheBook);
        bool byEpochs = options.Updates == 0 && options.Budget == null;
        this.every = every ?? (likeTheBook ? TextbookEvery : byEpochs ? Math.Max(1, options.Epochs / 20) : 1);
        everyAsked = every != null;
        ClosingPrefixes = prefix is not null ? [prefix]
            : likeTheBook ? ["time traveller", "traveller"]
            : corpus.Vocabulary.EndId is not null ? [""] // a document of its own
            : [Beginning(corpus)];
    }

    /// <summary>What is continued while the model learns.</summary>
    public string Prefix => ClosingPrefixes[0];

    /// <summary>What is continued at the end.</summary>
    public IReadOnlyList<string> ClosingPrefixes { get; }

    /// <summary>Whether the model should speak at this epoch's end.</summary>
    public bool IsDue(TrainingReport report)
    {
        if (every == 0 || report.Epoch % every != 0)
            return false;
        // Where nobody asked for it, short epochs are not to fill the screen.
        if (!everyAsked && !greedy && report.Seconds - last < SecondsBetween)
            return false;
        last = report.Seconds;
        return true;
    }

    /// <summary>The continuation of a prefix.</summary>
    /// <param name="prefix">What to continue.</param>
    /// <param name="number">Equal numbers draw equal random numbers.</param>
    public string Speak(string prefix, long number)
    {
        using var generator = new TextGenerator(model, threads);
        var sampling = new GenerationOptions
        {
            Length = Length,
            Temperature = greedy ? 0 : Temperature,
            Seed = options.Seed,
            Sample = (ulong)number,
        };
        return generator.Generate(prefix, sampling).Text;
    }

    // The text's first words: to the end of the word in which its eighth character stands, or the eight where no word ends.
    private static string Beginning(Corpus corpus)
    {
        int[] ids = new int[(int)Math.Min(corpus.Training.Length, 100)];
        corpus.Training.Read(0, ids);
        var text = new StringBuilder();
        var decoder = new TokenDecoder(corpus.Vocabulary);
        bool words = corpus.Vocabulary.Tokenization.IsWordByWord;
        foreach (int id in ids)
        {
            string piece = decoder.Append(id);
            bool blank = string.IsNullOrWhiteSpace(piece);
            int runes = text.ToString().EnumerateRunes().Count();
            if (runes == 0 && blank)
                continue;
            bool begins = blank || char.IsWhiteSpace(piece[0]); // something else than what came before
            if (piece.Contains('\n') || (runes >= 8 && (begins || words)) || (runes >= 16 && !words))
                break;
            text.Append(piece);
        }
        string beginning = text.ToString();
        return words || beginning.Any(char.IsWhiteSpace) || beginning.EnumerateRunes().Count() < 16
            ? beginning
            : string.Concat(beginning.EnumerateRunes().Take(8).Select(rune => rune.ToString()));
    }
}

// Reads a text as a person would, character by character, and says of each token what TextFeature asks about.
using System.Text;

namespace Unroll.Looking;

/// <summary>The features of a text, token by token.</summary>
internal sealed class FeatureReader
{
    private const string Openers = "“«「『([{（【〔《〈", Closers = "”»」』)]}）】〕》〉";
    private const int QuoteKinds = 4; // of these the first
    private const string Vowels = "aeiouàáâãäåæèéêëìíîïòóôõöøœùúûü";

    private readonly List<int> quotes = [], brackets = []; // that are open: their places in Openers
    private bool straight; // whether a straight quotation mark is open
    private int position, indentation;
    private bool indents = true, inWord, wordStart, upper, digit, space, vowel, mark;

    private FeatureReader()
    {
    }

    /// <summary>Every feature of every token: [feature][T].</summary>
    public static double[][] Read(IReadOnlyList<TokenPrediction> tokens)
    {
        double[][] values = [.. Enum.GetValues<TextFeature>().Select(_ => new double[tokens.Count])];
        var reader = new FeatureReader();
        for (int i = 0; i < tokens.Count; i++)
        {
            reader.Read(tokens[i].Text);
            bool breaks = i + 1 < tokens.Count && tokens[i + 1].Text is ['\n' or '\r', ..];
            foreach (TextFeature feature in Enum.GetValues<TextFeature>())
                values[(int)feature][i] = feature == TextFeature.BeforeLineBreak ? Of(breaks) : reader.Value(feature);
        }
        return values;
    }

    private double Value(TextFeature feature) => feature switch
    {
        TextFeature.InsideQuotes => Of(straight || quotes.Count > 0),
        TextFeature.BracketDepth => brackets.Count,
        TextFeature.LinePosition => position,
        TextFeature.Indentation => indentation,
        TextFeature.WordStart => Of(wordStart),
        TextFeature.UpperCase => Of(upper),
        TextFeature.Digit => Of(digit),
        TextFeature.WhiteSpace => Of(space),
        TextFeature.Vowel => Of(vowel),
        TextFeature.Punctuation => Of(mark),
        _ => throw new ArgumentOutOfRangeException(nameof(feature), feature, "There is no such feature."),
    };

    private void Read(string token)
    {
        wordStart = upper = digit = space = vowel = mark = false;
        foreach (Rune rune in token.EnumerateRunes())
            Read(rune);
    }

    private void Read(Rune rune)
    {
        bool inWordBefore = inWord;
        inWord = Rune.IsLetterOrDigit(rune);
        wordStart |= inWord && !inWordBefore;
        upper |= Rune.IsUpper(rune);
        digit |= Rune.IsDigit(rune);
        space |= Rune.IsWhiteSpace(rune);
        mark |= Rune.IsPunctuation(rune);
        vowel |= Vowels.Contains(Rune.ToLowerInvariant(rune).ToString(), StringComparison.Ordinal);
        if (rune.Value == '\n')
            BreakLine();
        else if (rune.Value != '\r') // which belongs to the break
            GoOn(rune);
    }

    private void BreakLine()
    {
        if (position == indentation)
        {
            quotes.Clear();
            straight = false;
        }
        (position, indentation, indents) = (0, 0, true);
    }

    private void GoOn(Rune rune)
    {
        position++;
        indents &= rune.Value is ' ' or '\t';
        indentation += indents ? 1 : 0;
        if (rune.Value == '"')
            straight = !straight;
        if (!rune.IsBmp)
            return;
        int opener = Openers.IndexOf((char)rune.Value), closer = Closers.IndexOf((char)rune.Value);
        List<int> open = Math.Max(opener, closer) < QuoteKinds ? quotes : brackets;
        if (opener >= 0)
            open.Add(opener);
        else if (closer >= 0 && open.Count > 0 && open[^1] == closer)
            open.RemoveAt(open.Count - 1);
    }

    private static double Of(bool truth) => truth ? 1 : 0;
}

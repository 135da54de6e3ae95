namespace Unroll.Generation;

/// <summary>Finds where the first occurrence of one of several texts ends.</summary>
internal sealed class StopTexts
{
    private readonly StopText[] texts;

    public StopTexts(IEnumerable<string> texts) => this.texts = [.. texts.Select(text => new StopText(text))];

    private StopTexts(StopTexts other) => (texts, Begun) = ([.. other.texts.Select(text => text.Branch())], other.Begun);

    /// <summary>Whether there are any.</summary>
    public bool IsEmpty => texts.Length == 0;

    /// <summary>How much of what was taken may be the beginning of one; after one has ended, how long it is.</summary>
    public int Begun { get; private set; }

    /// <inheritdoc cref="StopText.Branch"/>
    public StopTexts Branch() => IsEmpty ? this : new(this);

    /// <inheritdoc cref="StopText.Take"/>
    public int Take(string piece)
    {
        (int first, int begun) = (-1, 0);
        foreach (StopText text in texts)
        {
            int end = text.Take(piece);
            if (end < 0 ? first < 0 : first < 0 || end < first)
                (first, begun) = end < 0 ? (first, Math.Max(begun, text.Begun)) : (end, text.Length);
            else if (end == first)
                begun = Math.Max(begun, text.Length);
        }
        Begun = begun;
        return first;
    }
}

/// <summary>Finds the end of a text's first occurrence in pieces that come one by one (Knuth, Morris and Pratt 1977): no
/// piece is kept, however the occurrence is cut into pieces.</summary>
internal sealed class StopText
{
    private readonly string text;
    private readonly int[] shorter; // [i]: the longest proper prefix of the text that also ends its first i + 1 characters
    private int matched;

    public StopText(string text)
    {
        this.text = text;
        shorter = new int[text.Length];
        for (int i = 1, length = 0; i < text.Length; i++)
            shorter[i] = length = Extend(length, text[i]);
    }

    /// <summary>How long it is.</summary>
    public int Length => text.Length;

    /// <summary>How much of its beginning has come last.</summary>
    public int Begun => matched;

    /// <summary>Takes a piece.</summary>
    /// <returns>How much of the piece belongs to the text up to its end, or −1 if it has not ended yet.</returns>
    public int Take(string piece)
    {
        for (int i = 0; i < piece.Length; i++)
        {
            matched = Extend(matched, piece[i]);
            if (matched == text.Length)
                return i + 1;
        }
        return -1;
    }

    /// <summary>Another one, as far as this one has come: for texts that go on in several ways.</summary>
    public StopText Branch() => (StopText)MemberwiseClone();

    private int Extend(int length, char next)
    {
        while (length > 0 && text[length] != next)
            length = shorter[length - 1];
        return text[length] == next ? length + 1 : 0;
    }
}

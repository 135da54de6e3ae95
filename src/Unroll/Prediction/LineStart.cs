namespace Unroll.Prediction;

/// <summary>What a text is predicted from where nothing comes before it.</summary>
internal static class LineStart
{
    /// <summary>The end of another document; where a text has none, a line break or, where the vocabulary knows none, a space or the
    /// commonest token.</summary>
    public static int Of(Vocabulary vocabulary)
    {
        if (vocabulary.EndId is { } end)
            return end;
        foreach (string text in (ReadOnlySpan<string>)["\n", " "])
        {
            if (vocabulary.Encode(text) is [var id and not Vocabulary.UnknownId])
                return id;
        }
        return Math.Min(1, vocabulary.Count - 1);
    }
}

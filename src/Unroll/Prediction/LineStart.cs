namespace Unroll.Prediction;

/// <summary>What a text is predicted from where nothing comes before it.</summary>
internal static class LineStart
{
    /// <summary>A line break or, where the vocabulary knows none, a space or the commonest token.</summary>
    public static int Of(Vocabulary vocabulary)
    {
        foreach (string text in (ReadOnlySpan<string>)["\n", " "])
        {
            if (vocabulary.Encode(text) is [var id and not Vocabulary.UnknownId])
                return id;
        }
        return Math.Min(1, vocabulary.Count - 1);
    }
}

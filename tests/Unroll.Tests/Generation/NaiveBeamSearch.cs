// Beam search written down as plainly as possible: every text is read anew from its first token by a predictor of one row, all
// extensions are made and sorted. It shares nothing with the search that it is a witness for.
namespace Unroll.Tests.Generation;

/// <summary>A text that the naive search has found.</summary>
internal sealed record NaiveText(int[] Tokens, string Text, double LogProbability, double Score, bool IsEnded);

/// <summary>A naive beam search.</summary>
internal sealed class NaiveBeamSearch(LanguageModel model, string prefix)
{
    public List<NaiveText> Search(int beam, int length, double alpha, params string[] stops)
    {
        List<NaiveText> kept = [new NaiveText([], "", 0, 0, false)];
        for (int step = 1; step <= length; step++)
        {
            int ended = kept.Count(text => text.IsEnded);
            IEnumerable<NaiveText> longer = kept.Where(text => !text.IsEnded).SelectMany(text => Extensions(text, alpha, stops))
                .OrderByDescending(text => text.LogProbability).Take(beam - ended);
            kept = [.. kept.Where(text => text.IsEnded), .. longer];
        }
        return [.. kept.OrderByDescending(text => text.Score)];
    }

    /// <summary>Every text of some tokens, the best first.</summary>
    public List<NaiveText> All(int length, double alpha)
    {
        List<NaiveText> texts = [new NaiveText([], "", 0, 0, false)];
        for (int step = 1; step <= length; step++)
            texts = [.. texts.SelectMany(text => Extensions(text, alpha, []))];
        return [.. texts.OrderByDescending(text => text.Score)];
    }

    private IEnumerable<NaiveText> Extensions(NaiveText text, double alpha, string[] stops)
    {
        double[] logProbabilities = LogProbabilities([.. model.Vocabulary.Encode(prefix), .. text.Tokens]);
        for (int id = 1; id < logProbabilities.Length; id++)
        {
            int[] tokens = [.. text.Tokens, id];
            double sum = text.LogProbability + logProbabilities[id];
            string said = model.Vocabulary.Decode([.. model.Vocabulary.Encode(prefix), .. tokens])[prefix.Length..].TrimEnd('\uFFFD');
            int[] ends = [.. stops.Select(stop => said.IndexOf(stop, StringComparison.Ordinal) is >= 0 and int at ? at + stop.Length : int.MaxValue)];
            bool isEnded = ends.Any(end => end < int.MaxValue);
            yield return new NaiveText(tokens, isEnded ? said[..ends.Min()] : said, sum, sum / Math.Pow(tokens.Length, alpha), isEnded);
        }
    }

    private double[] LogProbabilities(int[] read)
    {
        using var predictor = new TextPredictor(model, threads: 1);
        predictor.SetState(new RecurrentState(model));
        predictor.Feed(read);
        float[] logProbabilities = new float[model.Vocabulary.Count];
        predictor.LogProbabilities(logProbabilities);
        return [.. logProbabilities.Select(value => (double)value)];
    }
}

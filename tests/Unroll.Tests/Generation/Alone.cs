using Unroll.Generation;
using Unroll.Kernels;
using Unroll.Model;
using Unroll.Prediction;

namespace Unroll.Tests.Generation;

/// <summary>What a request gives by its definition: one row, a step for each token, nobody else.</summary>
internal static class Alone
{
    public static (List<GeneratedToken> Tokens, FinishReason Reason) Run(LanguageModel model, GenerationRequest request)
    {
        using Predictor predictor = Predictor.For(model, new EngineOptions { Rows = 1, Steps = 1, Threads = 1 });
        Vocabulary vocabulary = model.Vocabulary;
        int[] prefix = request.PrefixIds is { } given ? [.. given] : vocabulary.Encode(request.Prefix);
        var text = new TextUnderWay(request.Options, vocabulary);
        var decoder = new TokenDecoder(vocabulary);
        var sampler = new TokenSampler(request.Options, vocabulary.Count);
        var tokens = new List<GeneratedToken>();
        float[] expected = new float[vocabulary.Count], judged = new float[vocabulary.Count];
        bool known = request.Start is not null;
        if (request.Start is { } start)
            predictor.SetState(0, start);
        else if (prefix.Length == 0 || vocabulary.EndId is not null)
        {
            predictor.Step([LineStart.Of(vocabulary)]);
            known = true;
        }
        foreach (int id in prefix)
        {
            text.Read(id);
            predictor.Predict(expected);
            if (request.ScorePrefix)
                Add(id, decoder.Append(id), known, isPrefix: true);
            predictor.Step([id]);
            known = true;
        }
        for (int position = 0; position < request.Options.Length && !text.IsEnded; position++)
        {
            float[] logits = predictor.Predict(1)[..vocabulary.Count].ToArray();
            predictor.Predict(expected);
            if (text.Judges)
                text.Judge(expected, logits = judged);
            int id = sampler.Next(logits, position);
            string piece = text.Write(id);
            if (!text.IsDocument)
                Add(id, piece, known: true, isPrefix: false);
            predictor.Step([id]);
        }
        return (tokens, text.IsDocument ? FinishReason.DocumentEnd : text.IsEnded ? FinishReason.StopText : FinishReason.Length);

        void Add(int id, string piece, bool known, bool isPrefix) => tokens.Add(new GeneratedToken
        {
            Id = id,
            Text = piece,
            Offset = tokens.Sum(token => token.Text.EnumerateRunes().Count()),
            LogProbability = known ? expected[id] : float.NaN,
            Alternatives = !known ? [] : [.. Enumerable.Range(1, vocabulary.Count - 1).OrderByDescending(other => expected[other]).Take(request.Alternatives)
                .Select(other => new TokenPrediction(other, vocabulary[other], expected[other]) { Entropy = Entropy.Of(expected) })],
            IsPrefix = isPrefix,
        });
    }

    /// <summary>Holds a stream's tokens against another's, to the bit.</summary>
    public static void Same(IReadOnlyList<GeneratedToken> expected, IReadOnlyList<GeneratedToken> tokens)
    {
        Xunit.Assert.Equal(expected.Select(Bits), tokens.Select(Bits));

        static string Bits(GeneratedToken token) => $"{token.Id} '{token.Text}' at {token.Offset} {BitConverter.SingleToUInt32Bits(token.LogProbability):x} {token.IsPrefix} "
            + string.Join(' ', token.Alternatives.Select(other => $"{other.Id}:{other.Text}:{BitConverter.SingleToUInt32Bits(other.LogProbability):x}:{BitConverter.SingleToUInt32Bits(other.Entropy):x}"));
    }
}

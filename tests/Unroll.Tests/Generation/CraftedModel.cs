
namespace Unroll.Tests.Generation;

/// <summary>Models whose every prediction is known, made by hand.</summary>
internal static class CraftedModel
{
    /// <summary>A model that gives the next token this distribution, whatever came before.</summary>
    /// <param name="probabilities">Per token from id 1 on; the unknown token has the first one's probability too.</param>
    public static LanguageModel Constant(params double[] probabilities)
    {
        LanguageModel model = Zero(Letters(probabilities.Length), hiddenSize: 1);
        Span<float> bias = model.Parameters["decoder.bias"];
        bias[0] = (float)Math.Log(probabilities[0]);
        for (int i = 0; i < probabilities.Length; i++)
            bias[i + 1] = (float)Math.Log(probabilities[i]);
        return model;
    }

    /// <summary>A model that is certain which token follows which, whatever came before.</summary>
    public static LanguageModel Chain(Vocabulary vocabulary, Func<int, int> next)
    {
        LanguageModel model = Zero(vocabulary, hiddenSize: vocabulary.Count);
        Span<float> input = model.Parameters["rnn.weight_ih_l0"], output = model.Parameters["decoder.weight"];
        for (int id = 0; id < vocabulary.Count; id++)
        {
            input[id * vocabulary.Count + id] = 10; // unit i remembers whether token i was the last
            output[next(id) * vocabulary.Count + id] = 50;
        }
        return model;
    }

    /// <summary>A chain that spells a text's tokens after the line break (or whatever its first token is), over and over.</summary>
    public static LanguageModel Spelling(string text, TextOptions? options = null)
    {
        var corpus = Corpus.Load(TextSource.FromString(text + text), options);
        int[] ids = corpus.Vocabulary.Encode(text);
        if (ids.Distinct().Count() != ids.Length)
            throw new ArgumentException("A token of the text comes twice: the chain would not know what follows it.");
        return Chain(corpus.Vocabulary, id => ids[(Array.IndexOf(ids, id) + 1) % ids.Length]);
    }

    /// <summary>The unknown token and the first letters of the alphabet.</summary>
    public static Vocabulary Letters(int count) =>
        new([Vocabulary.UnknownToken, .. Enumerable.Range(0, count).Select(i => ((char)('a' + i)).ToString())], new TextOptions());

    private static LanguageModel Zero(Vocabulary vocabulary, int hiddenSize)
    {
        var options = new ModelOptions { Cell = CellKind.Rnn, HiddenSize = hiddenSize };
        return new LanguageModel(vocabulary, options);
    }
}

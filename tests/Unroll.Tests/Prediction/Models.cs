namespace Unroll.Tests.Prediction;

/// <summary>Small models whose states matter.</summary>
internal static class Models
{
    public const string Text = "some letters to be known by the model,\nand a few more: xyz. The quick brown fox jumps over 12 lazy dogs\n";

    public static LanguageModel Create(CellKind cell = CellKind.Lstm, TextOptions? text = null, int layers = 2, int embedding = 0)
    {
        using Corpus corpus = Corpus.Load(TextSource.FromString(Text), text);
        LanguageModel model = LanguageModel.Create(
            corpus.Vocabulary, new ModelOptions { Cell = cell, HiddenSize = 20, Layers = layers, EmbeddingSize = embedding });
        foreach (ref float value in model.Parameters.Values)
            value *= 4;
        return model;
    }
}

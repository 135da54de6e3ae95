using Unroll.Counts;
using Unroll.Tests.Prediction;

namespace Unroll.Tests.Compression;

/// <summary>Models of every kind of token, and of every kind of prediction.</summary>
internal static class CompressionModels
{
    public static IReadOnlyDictionary<string, Lazy<LanguageModel>> All { get; } = new Dictionary<string, Lazy<LanguageModel>>
    {
        ["characters"] = new(() => Models.Create()),
        ["bytes"] = new(() => Models.Create(CellKind.Gru, new TextOptions { Tokens = TokenKind.Byte }, layers: 1)),
        ["words"] = new(() => Models.Create(text: new TextOptions { Tokens = TokenKind.Word }, layers: 1)),
        ["byte pairs"] = new(() => Models.Create(text: new TextOptions { Tokens = TokenKind.Bpe }, layers: 1, embedding: 8)),
        ["cleaned characters"] = new(() => Models.Create(CellKind.Rnn, new TextOptions { Clean = Cleaning.Textbook }, layers: 1)),
        ["lines"] = new(() => Models.Create(text: new TextOptions { Documents = DocumentKind.Line }, layers: 1)),
        ["byte pairs of lines"] = new(() => Models.Create(text: new TextOptions { Tokens = TokenKind.Bpe, Documents = DocumentKind.Line }, layers: 1)),
        ["words of files"] = new(() => Models.Create(text: new TextOptions { Tokens = TokenKind.Word, Documents = DocumentKind.File }, layers: 1)),
        ["several networks"] = new(() => LanguageModel.Average(Models.Create(), Models.Create(CellKind.Gru, layers: 1))),
        ["a memory"] = new(() => WithMemory(Models.Create(layers: 1))),
        ["several networks and a memory"] = new(() => WithMemory(LanguageModel.Average(Models.Create(layers: 1), Models.Create(CellKind.Cifg, layers: 1)))),
    };

    public static LanguageModel Find(string name) => All[name].Value;

    private static LanguageModel WithMemory(LanguageModel model)
    {
        float[] mixture = [.. Enumerable.Range(0, CountBlend.Length).Select(i => 0.1f + 0.05f * (i % 7))];
        model.Memory = CountMemory.Count(model.Vocabulary.Encode(Models.Text), model.Vocabulary).With(new CountBlend(model.Vocabulary.Count, mixture));
        return model;
    }
}

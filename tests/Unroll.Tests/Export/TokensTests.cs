using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Export;

/// <summary>A page splits texts as the library does, whatever a token is, and puts tokens together again.</summary>
public class TokensTests
{
    // Whatever is hard about splitting; no characters that a node of another Unicode version might not know.
    private static readonly string[] Pieces =
    [
        "a", "b", "Abe", "don't", "'s", "'", "’", "'ll", "'r", " ", "  ", "\n", "\r\n", "\r", "\t", "\u3000", "\u0085", "\uFEFF", ".", ", ", "—", "_", "7", "½", "é", "e\u0301", "\u0301",
        "ß", "Ω", "Ж", "ا", "हि", "時光", "の", "ー", "テ", "ไทย", "。", "😀", "👩\u200D🚀", "❤\uFE0F", "𝒳", "𠀀", "\uD800", "<unk>", "<end>", "<0x41>", "<0xE6>", "</script>", "the time", " machine",
    ];

    public static TheoryData<TokenKind, Cleaning, DocumentKind> Kinds =>
    [
        .. from kind in Enum.GetValues<TokenKind>()
           from clean in Enum.GetValues<Cleaning>()
           from documents in Enum.GetValues<DocumentKind>()
           where clean == Cleaning.None || documents == DocumentKind.None
           select (kind, clean, documents),
    ];

    [Fact]
    public void Texts_become_the_same_tokens_and_tokens_the_same_text()
    {
        using var pages = new Pages();
        var random = new Random(1);
        string[] texts = ["", .. Pieces, .. Enumerable.Range(0, 150).Select(_ => string.Concat(Enumerable.Range(0, 12).Select(_ => Pieces[random.Next(Pieces.Length)])))];
        var expected = new List<(string Name, string Text, int[] Ids, string Again)>();
        foreach ((TokenKind kind, Cleaning clean, DocumentKind documents) in Kinds.Select(row => row.Data))
        {
            // Some of the pieces are known.
            string learned = string.Concat(Enumerable.Repeat(string.Concat(Pieces.Where((piece, i) => i % 3 != 0 && !char.IsSurrogate(piece[0]))) + " the time machine\nabc", 3));
            using Corpus corpus = Corpus.Load(TextSource.FromString(learned), new TextOptions { Tokens = kind, Clean = clean, Documents = documents },
                new CorpusOptions { Validation = 0, HeldBack = 0, VocabularySize = kind == TokenKind.Bpe ? 330 : null });
            Vocabulary vocabulary = corpus.Vocabulary;
            (_, string path) = pages.Make(LanguageModel.Create(vocabulary, new ModelOptions { HiddenSize = 2 }));
            pages.Ask(new { kind = "encode", page = path, texts });
            expected.AddRange(texts.Select(text => ($"{kind} {clean} {documents}", text, vocabulary.Encode(text), vocabulary.Decode(vocabulary.Encode(text)))));
        }
        JsonElement[] answers = [.. pages.Answers().SelectMany(answer => answer.EnumerateArray())];
        foreach (((string name, string text, int[] ids, string again), JsonElement answer) in expected.Zip(answers))
        {
            int[] said = [.. answer.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            Assert.True(ids.SequenceEqual(said), $"{name}: {JsonSerializer.Serialize(text)} is {string.Join(' ', ids)}, not {string.Join(' ', said)}");
            Assert.Equal(ids.Count(id => id == Vocabulary.UnknownId), answer.GetProperty("unknown").GetArrayLength());
            // What a character still lacks at the end a page does not show.
            string written = answer.GetProperty("text").GetString()!;
            Assert.True(again == written || again == written + '\uFFFD', $"{name}: {JsonSerializer.Serialize(written)} is not {JsonSerializer.Serialize(again)}");
        }
    }
}

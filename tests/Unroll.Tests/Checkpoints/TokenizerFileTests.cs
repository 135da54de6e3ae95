using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CsCheck;
using Microsoft.ML.Tokenizers;
using Unroll.Tests.Data;
using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>What other programs make of byte pairs that were learnt here.</summary>
public sealed class TokenizerFileTests : IDisposable
{
    private static readonly TextOptions Bpe = new() { Tokens = TokenKind.Bpe };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AnotherLibrarySplitsAsWeDo()
    {
        Vocabulary vocabulary = Corpus.Load(TextSource.Story, Bpe, new CorpusOptions { VocabularySize = 1500 }).Vocabulary;
        BpeTokenizer other = Load(vocabulary);
        // Its pattern knows no letters beyond U+FFFF.
        Gen.Select(Texts.Unicode, Gen.OneOf("", "The time traveller's machine, which he'd shown us, hasn't moved. ")).Sample((text, more) =>
        {
            string whole = Regex.Replace(Texts.AsRead(more + text + more).Replace('\r', '\t'), @"[\uD800-\uDFFF]{2}", pair => char.IsLetterOrDigit(pair.Value, 0) ? "ä" : pair.Value);
            Assert.Equal(other.EncodeToIds(whole), vocabulary.Encode(whole));
        }, threads: 1);
    }

    [Theory]
    [InlineData("war-and-peace.txt")]
    [InlineData("four-novels-zh.txt")]
    public void AnotherLibrarySplitsRealTextsAsWeDo(string name)
    {
        string text = File.ReadAllText(RealTexts.Path(name)).Replace("\r\n", "\n");
        text = text[..200_000];
        Vocabulary vocabulary = Corpus.Load(TextSource.FromString(text), Bpe).Vocabulary;
        string other = text[^20_000..];
        Assert.Equal(Load(vocabulary).EncodeToIds(other), vocabulary.Encode(other));
        Assert.Equal(other, Load(vocabulary).Decode(vocabulary.Encode(other)));
    }

    [Fact]
    public void TheFileIsThisText()
    {
        Vocabulary vocabulary = Corpus.Load(TextSource.FromString("\" é\" é"), Bpe).Vocabulary;
        vocabulary.SaveTokenizer(folder["tokenizer.json"]);
        JsonObject file = JsonNode.Parse(File.ReadAllText(folder["tokenizer.json"]))!.AsObject();
        Assert.Equal(
            ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"],
            file.Select(entry => entry.Key));
        Assert.Equal("""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}""", file["pre_tokenizer"]!.ToJsonString());
        JsonObject model = file["model"]!.AsObject();
        Assert.Equal("BPE", model["type"]!.GetValue<string>());
        string[] tokens = [.. model["vocab"]!.AsObject().Select(entry => entry.Key)];
        Assert.Equal(vocabulary.Count, tokens.Length);
        Assert.Equal(Enumerable.Range(0, tokens.Length), model["vocab"]!.AsObject().Select(entry => entry.Value!.GetValue<int>()));
        Assert.Equal(["<unk>", "Ā", "ā"], tokens[..3]);
        Assert.Equal(["Ġ", "!", "\""], tokens[33..36]);
        Assert.Equal(["ĠÃ", "ĠÃ©"], tokens[257..]);
        Assert.Equal(["Ġ Ã", "ĠÃ ©"], model["merges"]!.AsArray().Select(merge => merge!.GetValue<string>()));
    }

    [Fact]
    public void TheMarkThatEndsADocumentIsASpecialToken()
    {
        string[] lines = [.. string.Concat(TextSource.Story.Read()).Split('\n').Where(line => line.Length > 0)];
        var options = Bpe with { Documents = DocumentKind.Line };
        Vocabulary vocabulary = Corpus.Load(TextSource.Story, options, new CorpusOptions { VocabularySize = 1000 }).Vocabulary;
        BpeTokenizer other = Load(vocabulary);
        JsonObject file = JsonNode.Parse(File.ReadAllText(folder["tokenizer.json"]))!.AsObject();
        Assert.Equal(
            """[{"id":999,"content":"<end>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}]""",
            file["added_tokens"]!.ToJsonString().Replace("\\u003C", "<").Replace("\\u003E", ">"));
        Assert.Equal((999, 999), (vocabulary.EndId, file["model"]!["vocab"]![Vocabulary.EndToken]!.GetValue<int>()));
        Assert.Equal(1000 - 257 - 1, file["model"]!["merges"]!.AsArray().Count);
        // A line's break is no token here; there, whoever knows what a document is puts the mark.
        Assert.Equal(other.EncodeToIds(string.Concat(lines.Select(line => line + Vocabulary.EndToken))), vocabulary.Encode(string.Join('\n', lines) + "\n"));
    }

    [Fact]
    public void WhatSuchAFileCannotSayIsASentence()
    {
        Assert.Contains("model's are characters", Message(new TextOptions()));
        Assert.Contains("textbook's cleaning", Message(Bpe with { Clean = Cleaning.Textbook }));
        Assert.Empty(folder.Files);

        string Message(TextOptions options) => Assert.Throws<UnrollException>(() =>
            Corpus.Load(TextSource.FromString("abab"), options).Vocabulary.SaveTokenizer(folder["tokenizer.json"])).Message;
    }

    // Reads the file that we write, and knows nothing else of the vocabulary.
    private BpeTokenizer Load(Vocabulary vocabulary)
    {
        vocabulary.SaveTokenizer(folder["tokenizer.json"]);
        JsonNode file = JsonNode.Parse(File.ReadAllText(folder["tokenizer.json"]))!, model = file["model"]!;
        var special = file["added_tokens"]!.AsArray().ToDictionary(token => token!["content"]!.GetValue<string>(), token => token!["id"]!.GetValue<int>());
        var tokens = model["vocab"]!.AsObject().Select(entry => KeyValuePair.Create(entry.Key, entry.Value!.GetValue<int>()));
        return BpeTokenizer.Create(new BpeOptions(tokens)
        {
            Merges = model["merges"]!.AsArray().Select(merge => merge!.GetValue<string>()),
            ByteLevel = true,
            SpecialTokens = special,
            PreTokenizer = new RegexPreTokenizer(
                new Regex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"), special),
        });
    }
}

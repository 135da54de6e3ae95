using System.Text;
using CsCheck;
using Unroll.Data.Ids;
using Unroll.Data.Tokens;
using Unroll.Tests.Data.Ids;
using Unroll.Tests.Data.Sources;
using Xunit;

namespace Unroll.Tests.Data.Tokens;

/// <summary>Texts that consist of documents.</summary>
public class DocumentTests
{
    private static readonly TextOptions Lines = new() { Documents = DocumentKind.Line };
    private static readonly TextOptions Files = new() { Documents = DocumentKind.File };
    private static readonly TextOptions Pairs = new() { Documents = DocumentKind.Line, Tokens = TokenKind.Bpe };

    [Fact]
    public void A_line_s_end_is_a_token_and_an_empty_line_is_no_document()
    {
        Corpus corpus = Corpus.Load(TextSource.FromString("ab\n\n\na\r\n"), Lines);
        int end = corpus.Vocabulary.EndId!.Value;
        Assert.Equal(["<unk>", "a", "<end>", "b"], corpus.Vocabulary.Tokens);
        Assert.Equal([[1, 3, end], [1, end]], Documents(corpus.Training, end).OrderByDescending(document => document.Length));
        Assert.Equal(5, corpus.Characters);
    }

    [Fact]
    public void The_last_line_ends_with_the_text() =>
        Assert.Equal([1, 2], CorpusTests.All(Corpus.Load(TextSource.FromString("a"), Lines).Training));

    [Fact]
    public void A_prefix_is_no_document_yet()
    {
        Vocabulary vocabulary = Corpus.Load(TextSource.FromString("ab\n"), Lines).Vocabulary;
        Assert.Equal([1], vocabulary.Encode("a"));
        Assert.Equal(["a", "<end>", "b"], vocabulary.Encode("a\nb").Select(id => vocabulary[id]));
        Assert.Equal("a\nb", vocabulary.Decode(vocabulary.Encode("a\nb")));
    }

    [Fact]
    public void Lines_are_those_of_the_text_in_another_order() => Gen.Select(Texts.Unicode.Array[0, 30], Gen.Enum<TokenKind>()).Sample((lines, kind) =>
    {
        string text = string.Join('\n', lines) + "\nlast";
        Corpus corpus = Corpus.Load(TextSource.FromString(text), new TextOptions { Tokens = kind, Documents = DocumentKind.Line });
        string all = corpus.Vocabulary.Decode(CorpusTests.All(corpus.Training));
        string[] expected = [.. TextSource.FromString(text).Read().Aggregate("", (joined, piece) => joined + piece).Split('\n').Where(line => line.Length > 0).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, all.TrimEnd('\n').Split('\n').Order(StringComparer.Ordinal));
        Assert.Equal(all.EnumerateRunes().Count(), corpus.Characters);
    });

    [Fact]
    public void Blocks_give_the_tokens_that_reading_piece_by_piece_gives() =>
        Gen.Select(Texts.Unicode.Array[0, 12], Gen.Enum<TokenKind>(), Gen.Enum<DocumentKind>(), Gen.Int[8, 60]).Sample((files, kind, documents, chunk) =>
        {
            using var folder = new TemporaryFolder();
            string[] paths = [.. files.Select((content, i) =>
            {
                string path = folder[$"{i}.txt"];
                File.WriteAllText(path, content.Replace(' ', '\n'), new UTF8Encoding(false));
                return path;
            })];
            if (paths.Length == 0)
                return;
            var options = Texts.Tokens(new TextOptions { Tokens = kind, Documents = documents });
            using var writer = new IdWriter();
            NumberedText whole = NumberedText.Read(TextSource.FromPaths(paths), options, writer, progress: null, default);
            using var blocks = new IdWriter();
            NumberedText cut = new TextBlocks(paths, options, chunk, threads: 3).Read(blocks, content: null, progress: null, default);
            Assert.Equal(whole.Seen, cut.Seen);
            Assert.Equal(whole.Counts, cut.Counts);
            Assert.Equal(Numbers(whole), Numbers(cut));
        }, iter: 200, threads: 1);

    [Theory]
    [InlineData(TokenKind.Character)]
    [InlineData(TokenKind.Bpe)]
    public void Files_are_documents(TokenKind tokens)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.txt"], "one\ntwo\n");
        File.WriteAllText(folder["b.txt"], "");
        File.WriteAllText(folder["c.txt"], "three");
        Corpus corpus = Corpus.Load(folder.Path, Files with { Tokens = tokens });
        int end = corpus.Vocabulary.EndId!.Value;
        Assert.Equal(["one\ntwo\n", "three"], Documents(corpus.Training, end).Select(document => corpus.Vocabulary.Decode(document)).Order(StringComparer.Ordinal));
        Assert.Equal(13, corpus.Characters);
    }

    [Fact]
    public void The_validation_part_begins_with_a_document()
    {
        string text = string.Join('\n', Enumerable.Range(100, 90));
        Corpus corpus = Corpus.Load(TextSource.FromString(text), Lines, new CorpusOptions { Validation = 0.1 });
        int end = corpus.Vocabulary.EndId!.Value;
        Assert.Equal(36, corpus.Validation!.Length);
        Assert.Equal(end, CorpusTests.All(corpus.Training)[^1]);
        string[] learned = Read(corpus.Training), kept = Read(corpus.Validation);
        Assert.Equal(Enumerable.Range(100, 90).Select(number => $"{number}"), learned.Concat(kept).Order(StringComparer.Ordinal));
        Assert.NotEqual(kept.Order(StringComparer.Ordinal).Last(), learned.Order(StringComparer.Ordinal).First());
        Assert.NotEqual([.. kept], Enumerable.Range(181, 9).Select(number => $"{number}")); // the last of the list

        string[] Read(TokenIds ids) => corpus.Vocabulary.Decode(CorpusTests.All(ids)).TrimEnd('\n').Split('\n');
    }

    [Theory]
    [InlineData(TokenKind.Character)]
    [InlineData(TokenKind.Bpe)]
    public void A_text_of_empty_lines_has_nothing_in_it(TokenKind tokens)
    {
        string empty = new('\n', 1_000_000);
        var exception = Assert.Throws<UnrollException>(() => Corpus.Load(TextSource.FromString(empty, "lines.txt"), Lines with { Tokens = tokens }));
        Assert.Equal("There is nothing in lines.txt: give a text with something in it.", exception.Message);
        Assert.Equal(2, Corpus.Load(TextSource.FromString($"{empty}a{empty}"), Lines with { Tokens = tokens }).Training.Length);
    }

    [Fact]
    public void Byte_pairs_are_learned_within_the_documents_of_the_training_part() => Gen.Select(Texts.Unicode.Array[0, 12], Gen.Int[258, 300]).Sample((lines, size) =>
    {
        string text = string.Join('\n', [.. lines, .. lines, .. Enumerable.Range(0, 12).Select(i => $"the time and {"ei"[i % 2]}ght {i}")]);
        Corpus corpus = Corpus.Load(TextSource.FromString(text), Pairs, new CorpusOptions { Validation = 0.2, VocabularySize = size });
        int[] ids = [.. CorpusTests.All(corpus.Training), .. CorpusTests.All(corpus.Validation!)];
        string all = corpus.Vocabulary.Decode(ids);
        Rune[] learned = [.. all.EnumerateRunes().Take((int)(corpus.Characters * 0.8m))];

        var naive = NaiveBytePairs.Learn(string.Concat(learned).Split('\n'), size - 1);
        Assert.Equal(257 + naive.Merges.Count, corpus.Vocabulary.EndId);
        Assert.Equal(corpus.Vocabulary.EndId + 1, corpus.Vocabulary.Count);
        Assert.Equal(all.TrimEnd('\n').Split('\n').SelectMany(line => naive.Encode(line).Append(257 + naive.Merges.Count)), ids);
        Assert.Equal(corpus.Vocabulary.EndId, CorpusTests.All(corpus.Training)[^1]);
    }, iter: 200);

    [Fact]
    public void The_mark_of_byte_pairs_stands_behind_them_and_no_text_is_it()
    {
        Vocabulary vocabulary = Corpus.Load(TextSource.FromString(string.Join('\n', Enumerable.Repeat("an <end> in a line", 20))), Pairs).Vocabulary;
        Assert.Equal(Vocabulary.EndToken, vocabulary.Tokens[^1]);
        Assert.Contains("end", vocabulary.Tokens);
        Assert.Equal(["<", "end", ">"], vocabulary.Encode("<end>").Select(id => vocabulary[id]));
        int[] ids = vocabulary.Encode("<end>\n時");
        Assert.Equal("<end>\n時", vocabulary.Decode(ids));
        Assert.Single(ids, vocabulary.EndId!.Value);
        // What is learned of given tokens leaves the mark out.
        Assert.Equal(["ab", Vocabulary.EndToken], Vocabulary.Build(["ab", "ab", Vocabulary.EndToken, Vocabulary.EndToken], Pairs).Tokens.Skip(257));
    }

    [Fact]
    public void A_size_without_room_for_the_mark_is_a_sentence()
    {
        var exception = Assert.Throws<OptionsException>(() => Load(257));
        Assert.Equal("VocabularySize must be at least 258 where a text has documents, not 257: the bytes, the unknown token and the one that ends a document.", exception.Message);
        Assert.Equal([Vocabulary.EndToken], Load(258).Vocabulary.Tokens.Skip(257));

        static Corpus Load(int size) => Corpus.Load(TextSource.FromString("ab ab"), Pairs, new CorpusOptions { VocabularySize = size });
    }

    [Fact]
    public void Cleaning_and_documents_contradict_each_other() =>
        Assert.Contains("must be none where a text has documents", Assert.Throws<OptionsException>(() => (Lines with { Clean = Cleaning.Textbook }).Validate()).Message, StringComparison.Ordinal);

    [Fact]
    public void A_vocabulary_of_documents_without_their_end_is_damaged() =>
        Assert.Throws<UnrollException>(() => new Vocabulary(["<unk>", "a"], Lines));

    [Theory]
    [InlineData("its last token must be <end>", "ab")]
    [InlineData("its last token must be <end>", "<end>", "ab")]
    [InlineData("token 257 of its byte pairs", "abc", "<end>")]
    [InlineData("are the same", "<end>", "<end>")]
    public void A_vocabulary_of_byte_pairs_with_its_mark_elsewhere_is_damaged(string says, params string[] behind) =>
        Assert.Contains(says, Assert.Throws<UnrollException>(() => new Vocabulary([.. BytePairTable.BaseTokens, .. behind], Pairs)).Message, StringComparison.Ordinal);

    private static int[] Numbers(NumberedText text) => CorpusTests.All(new TokenIds(text.Numbers, map: null, start: 0, text.Numbers.Length));

    private static int[][] Documents(TokenIds ids, int end)
    {
        var documents = new List<int[]>();
        var current = new List<int>();
        foreach (int id in CorpusTests.All(ids))
        {
            current.Add(id);
            if (id != end)
                continue;
            documents.Add([.. current]);
            current.Clear();
        }
        Assert.Empty(current);
        return [.. documents];
    }
}

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
    public void Lines_are_those_of_the_text_in_another_order() => Gen.Select(Texts.Unicode.Array[0, 30], Gen.OneOf(TokenKind.Character, TokenKind.Word, TokenKind.Byte)).Sample((lines, kind) =>
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
        Gen.Select(Texts.Unicode.Array[0, 12], Gen.OneOf(TokenKind.Character, TokenKind.Word, TokenKind.Byte), Gen.Enum<DocumentKind>(), Gen.Int[8, 60]).Sample((files, kind, documents, chunk) =>
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
            var options = Tokenization.Of(new TextOptions { Tokens = kind, Documents = documents });
            using var writer = new IdWriter();
            NumberedText whole = NumberedText.Read(TextSource.FromPaths(paths), options, writer, progress: null, default);
            using var blocks = new IdWriter();
            NumberedText cut = new TextBlocks(paths, options, chunk, threads: 3).Read(blocks, content: null, progress: null, default);
            Assert.Equal(whole.Seen, cut.Seen);
            Assert.Equal(whole.Counts, cut.Counts);
            Assert.Equal(Numbers(whole), Numbers(cut));
        }, iter: 200, threads: 1);

    [Fact]
    public void Files_are_documents()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.txt"], "one\ntwo\n");
        File.WriteAllText(folder["b.txt"], "");
        File.WriteAllText(folder["c.txt"], "three");
        Corpus corpus = Corpus.Load(folder.Path, Files);
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

    [Fact]
    public void A_text_of_empty_lines_has_nothing_in_it()
    {
        var exception = Assert.Throws<UnrollException>(() => Corpus.Load(TextSource.FromString(new string('\n', 1_000_000), "lines.txt"), Lines));
        Assert.Equal("There is nothing in lines.txt: give a text with something in it.", exception.Message);
    }

    [Fact]
    public void Cleaning_and_documents_contradict_each_other() =>
        Assert.Contains("must be none where a text has documents", Assert.Throws<OptionsException>(() => (Lines with { Clean = Cleaning.Textbook }).Validate()).Message, StringComparison.Ordinal);

    [Fact]
    public void A_vocabulary_of_documents_without_their_end_is_damaged() =>
        Assert.Throws<UnrollException>(() => new Vocabulary(["<unk>", "a"], Lines));

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

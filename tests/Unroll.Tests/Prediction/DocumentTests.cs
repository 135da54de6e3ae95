using Unroll.Model;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Prediction;

/// <summary>A model of documents: none knows what stood before it, whoever asks.</summary>
public class DocumentTests
{
    private const string Names = "anna\nbea\nclara\ndora\nemma\nfrida\ngreta\nhanna\n";

    public static TheoryData<TokenKind, bool, int> Shapes => new()
    {
        { TokenKind.Character, false, 1 }, { TokenKind.Character, false, 2 }, { TokenKind.Character, true, 1 }, { TokenKind.Character, true, 2 },
        { TokenKind.Bpe, false, 1 }, { TokenKind.Bpe, true, 2 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_text_s_loss_is_the_sum_of_its_documents(TokenKind tokens, bool memory, int members)
    {
        LanguageModel model = Trained(memory, members, tokens: tokens);
        string[] documents = ["anna", "zoë", "bertha", "emma"];
        using var scorer = new TextScorer(model);
        IReadOnlyList<TextScore> scores = scorer.Score(documents);

        EvaluationResult together = Evaluator.Evaluate(model, TextSource.FromString(string.Join('\n', documents) + "\n"));

        Assert.Equal(scores.Sum(score => score.Tokens), together.Tokens);
        Assert.Equal(scores.Sum(score => score.TotalLoss), together.Loss * together.Tokens, 1e-4);
        Assert.Equal(scores[0], scorer.Score(["gustav", "anna"])[1]);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void After_a_document_s_end_a_predictor_is_as_new(TokenKind tokens, bool memory, int members)
    {
        LanguageModel model = Trained(memory, members, tokens: tokens);
        using var predictor = new TextPredictor(model);
        float[] fresh = new float[model.Vocabulary.Count], after = new float[model.Vocabulary.Count];
        predictor.Feed("be");
        predictor.LogProbabilities(fresh);
        predictor.Reset();
        predictor.Feed("anna\nclara\nbe");
        predictor.LogProbabilities(after);
        Assert.Equal(fresh, after);
    }

    [Theory]
    [InlineData(TokenKind.Character)]
    [InlineData(TokenKind.Bpe)]
    public void A_model_learns_where_names_end_and_stops_there(TokenKind tokens)
    {
        LanguageModel model = Trained(memory: false, members: 1, updates: 300, tokens);
        using var generator = new TextGenerator(model);
        string[] learned = Names.TrimEnd('\n').Split('\n');
        GeneratedText likeliest = generator.Generate("em", new GenerationOptions { Length = 50 });
        Assert.Equal("emma", likeliest.ToString());
        Assert.Equal(model.Vocabulary.Encode("emma").Length - model.Vocabulary.Encode("em").Length + 1, likeliest.Tokens); // with the mark
        // Names of its own now and then, mostly those it knows; none goes on for long.
        string[] said = [.. Enumerable.Range(0, 20).Select(sample => generator.Generate("", new GenerationOptions { Length = 50, Temperature = 0.5, Sample = (ulong)sample }).Text)];
        Assert.InRange(said.Count(learned.Contains), 12, 20);
        Assert.All(said, name => Assert.InRange(name.Length, 2, 10));
    }

    [Theory]
    [InlineData(TokenKind.Character)]
    [InlineData(TokenKind.Bpe)]
    public void A_model_file_keeps_what_a_document_is(TokenKind tokens)
    {
        using var folder = new TemporaryFolder();
        LanguageModel model = Trained(memory: false, members: 1, tokens: tokens);
        model.Save(folder["names.safetensors"]);
        LanguageModel loaded = LanguageModel.Load(folder["names.safetensors"]);
        Assert.Equal(DocumentKind.Line, loaded.Vocabulary.Text.Documents);
        Assert.Equal(model.Vocabulary.EndId, loaded.Vocabulary.EndId);
    }

    private static LanguageModel Trained(bool memory, int members, int updates = 3, TokenKind tokens = TokenKind.Character)
    {
        Corpus corpus = Corpus.Load(TextSource.FromString(Names), new TextOptions { Tokens = tokens, Documents = DocumentKind.Line }, new CorpusOptions { HeldBack = memory ? 0.2 : 0 });
        LanguageModel model = LanguageModel.Create(corpus, new ModelOptions { Cell = CellKind.Cifg, HiddenSize = 32, OutputNgrams = 3 }, members: members);
        var options = new TrainingOptions { Updates = updates, Batch = 4, SequenceLength = 4, LearningRate = 0.02, MemoryTokens = memory ? 1000 : 0 };
        new Trainer(model, corpus, options, new RunOptions { Threads = 1 }).Run();
        return model;
    }
}

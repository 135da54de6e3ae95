using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

public class PresetsTests
{
    [Fact]
    public void TextbookIsTheBooksRunToTheLetter()
    {
        Preset preset = Presets.Find("textbook");
        Assert.Equal((CellKind.Rnn, 512, 1, 0), (preset.Model.Cell, preset.Model.HiddenSize, preset.Model.Layers, preset.Model.EmbeddingSize));
        Assert.Equal((Activation.Tanh, Initialization.Normal, Biases.One), (preset.Model.Activation, preset.Model.Initialization, preset.Model.Biases));
        Assert.Equal(new TextOptions { Tokens = TokenKind.Character, Clean = Cleaning.Textbook }, preset.Text);
        Assert.Equal(new CorpusOptions { MaxTokens = 10_000, Validation = 0, MinCount = 0 }, preset.Corpus);
        TrainingOptions training = preset.Training;
        Assert.Equal((32, 35, WindowOrder.Sequential, 500, 0), (training.Batch, training.SequenceLength, training.WindowOrder, training.Epochs, training.Updates));
        Assert.Equal((OptimizerKind.Sgd, 1, Schedule.Constant, 0, 1, 0), (training.Optimizer, training.LearningRate, training.Schedule, training.Warmup, training.Clip, training.WeightDecay));
        Assert.Null(training.Budget);
        Assert.Equal(training, TrainingOptions.Textbook);
    }

    [Theory]
    [InlineData("textbook", 291_356)]
    [InlineData("textbook-reset", 291_356)]
    [InlineData("textbook-random", 291_356)]
    [InlineData("textbook-concise", 80_412)]
    [InlineData("textbook-gru-scratch", 226_076)]
    [InlineData("textbook-gru", 226_844)]
    [InlineData("textbook-lstm-scratch", 299_036)]
    [InlineData("textbook-lstm", 300_060)]
    [InlineData("textbook-lstm-deep", 826_396)]
    public void TheBooksModelsHaveTheBooksNumberOfParameters(string name, int parameters) =>
        Assert.Equal(parameters, new Parameters(Presets.Find(name).Model, vocabularySize: 28).Count);

    [Theory]
    [InlineData("textbook", CellKind.Gru, "textbook-gru-scratch")]
    [InlineData("textbook", CellKind.Lstm, "textbook-lstm-scratch")]
    [InlineData("textbook-random", CellKind.Gru, "textbook-gru-scratch")]
    [InlineData("textbook-lstm-scratch", CellKind.Rnn, "textbook")]
    [InlineData("textbook-concise", CellKind.Gru, "textbook-gru")]
    public void AnotherCellOfTheBooksIsTheBooksModelOfThatCell(string preset, CellKind cell, string model)
    {
        Assert.Equal(Presets.Find(model).Model, Presets.Find(preset).WithCell(cell).Model);
        Assert.Equal(Presets.Find(preset).Training, Presets.Find(preset).WithCell(cell).Training);
    }

    [Fact]
    public void OtherPresetsKeepAllButTheCell()
    {
        Assert.Equal(Presets.Default.Model with { Cell = CellKind.Gru }, Presets.Default.WithCell(CellKind.Gru).Model);
        Assert.Equal(Presets.Textbook, Presets.Textbook.WithCell(CellKind.Rnn));
    }

    [Fact]
    public void EveryPresetMakesARunAndHasANameOfItsOwn()
    {
        Assert.All(Presets.All, preset =>
        {
            preset.Model.Validate();
            preset.Training.Validate();
            Assert.Same(preset, Presets.Find(preset.Name));
            Assert.NotEmpty(preset.Description);
        });
        Assert.Equal(Presets.All.Count, Presets.All.Select(preset => preset.Name).Distinct().Count());
        Assert.Contains("textbook-lstm-deep", Assert.Throws<UnrollException>(() => Presets.Find("Textbook")).Message);
    }

    [Theory]
    [InlineData(2_000, 30)]
    [InlineData(5_000, 60)]
    [InlineData(170_000, 70)]
    [InlineData(1_100_000, 65)]
    [InlineData(3_000_000, 6_000)]
    public void TheDefaultFitsTextsOfEveryLength(int characters, int different)
    {
        Corpus corpus = RandomText(characters, different);
        Preset preset = Presets.DefaultFor(corpus);
        preset.Model.Validate();
        preset.Training.Validate();
        Assert.Equal(Presets.Default.Text, preset.Text);
        Assert.Equal(different > 1000, preset.Model.EmbeddingSize > 0);
        long updates = preset.Training.Epochs * new WindowStream(corpus.Training, preset.Training.Batch, preset.Training.SequenceLength, preset.Training.WindowOrder, 1).Epoch(0).Count;
        Assert.InRange(updates, characters < 10_000 ? 200 : 1000, 60_000);
    }

    private static Corpus RandomText(int characters, int different)
    {
        var random = new RandomStream(1, RandomPurpose.Sampling, 0);
        string text = string.Create(characters, (random, different), static (letters, arguments) =>
        {
            for (int i = 0; i < letters.Length; i++)
                letters[i] = (char)(0x4e00 + arguments.random.Below((ulong)i, arguments.different));
        });
        return Corpus.Load(TextSource.FromString(text), Presets.Default.Text, Presets.Default.Corpus);
    }
}

using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>Files of Unroll 0.1, whose metadata say the same in other places.</summary>
public class FirstVersionTests
{
    [Fact]
    public void EveryOptionFindsItsPlace()
    {
        Checkpoint read = TestModels.Read(TestModels.FirstVersion());

        Assert.Equal(new ModelOptions { Cell = CellKind.Gru, HiddenSize = 3, EmbeddingSize = 2, ResetGate = ResetGate.Before, Biases = Biases.One }, read.Model.Options);
        Assert.Equal(new TextOptions { Clean = Cleaning.Textbook }, read.Model.Vocabulary.Text);
        Assert.Equal(new CorpusOptions { MaxTokens = 10_000, MinCount = 2, Validation = 0.1 }, read.Summary!.Corpus);
        Assert.Equal(
            new TrainingOptions { Batch = 4, SequenceLength = 16, WindowOrder = WindowOrder.Random, Epochs = 3, Budget = TimeSpan.FromMinutes(3), LearningRate = 0.01, Dropout = 0.25 },
            read.Summary.Training);
        Assert.Equal((7, "abc"), (read.Summary.Updates, read.Summary.Fingerprint));
    }

    [Fact]
    public void OneBiasOrTwoNowHaveOtherNames()
    {
        byte[] two = ForgedFile.EditMetadata(TestModels.FirstVersion(), "options", options => options["bias"] = "double");
        Assert.Equal(Biases.Two, TestModels.Read(two).Model.Options.Biases);
        byte[] wrong = ForgedFile.EditMetadata(TestModels.FirstVersion(), "options", options => options["bias"] = "triple");
        Assert.Contains("no usable value for \"biases\"", Assert.Throws<ModelFileException>(() => TestModels.Read(wrong)).Message);
    }

    [Fact]
    public void AnUnfinishedRunIsAModelNow()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("model.safetensors", TestModels.FirstVersion());

        Assert.Null(Checkpoint.Read(path).Training);
        CheckpointMetadata metadata = Checkpoint.ReadMetadata(path);
        Assert.True(metadata is { Version: 1, UnderWay: true, CanBeResumed: false });
    }
}

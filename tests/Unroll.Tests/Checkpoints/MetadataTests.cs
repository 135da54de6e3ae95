using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>What a file says of itself is read without the numbers learned.</summary>
public class MetadataTests
{
    [Fact]
    public void ItIsWhatTheWholeFileSays()
    {
        using var folder = new TemporaryFolder();
        Checkpoint checkpoint = TestModels.CreateCheckpoint();
        string path = folder.Write("model.safetensors", checkpoint.Bytes());

        CheckpointMetadata metadata = Checkpoint.ReadMetadata(path);

        Assert.Equal(checkpoint.Model.Options, metadata.Options);
        Assert.Equal(checkpoint.Model.Vocabulary.Tokens, metadata.Vocabulary.Tokens);
        Assert.Equal(checkpoint.Summary, metadata.Summary);
        Assert.True(metadata is { Version: 2, UnderWay: true, CanBeResumed: true });
        Checkpoint.Write(path, new Checkpoint(checkpoint.Model));
        Assert.True(Checkpoint.ReadMetadata(path) is { UnderWay: false, CanBeResumed: false, Summary: null });
    }

    [Fact]
    public void ItTakesNoMemoryForTheNumbers()
    {
        using var folder = new TemporaryFolder();
        string[] tokens = [.. Enumerable.Range(0, 300).Select(id => id == 0 ? Vocabulary.UnknownToken : $"{id}")];
        string path = folder.Write("model.safetensors", new Checkpoint(TestModels.Create(new ModelOptions { HiddenSize = 600 }, tokens)).Bytes());
        Assert.True(new FileInfo(path).Length > 8_000_000);
        Checkpoint.ReadMetadata(path);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Checkpoint.ReadMetadata(path);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 400_000);
    }

    [Fact]
    public void NumbersAreNotLookedAtAndTensorsAre()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = TestModels.CreateCheckpoint().Bytes();
        string path = folder.Write("model.safetensors", ForgedFile.EditNumber(whole, "decoder.bias", 0, float.NaN));
        Checkpoint.ReadMetadata(path);
        Assert.Throws<ModelFileException>(() => Checkpoint.Read(path));
        folder.Write("model.safetensors", whole[..^1]);
        Assert.Contains("a copy cut short?", Assert.Throws<ModelFileException>(() => Checkpoint.ReadMetadata(path)).Message);
        Assert.Contains("does not exist", Assert.Throws<ModelFileException>(() => Checkpoint.ReadMetadata(folder["missing"])).Message);
    }
}

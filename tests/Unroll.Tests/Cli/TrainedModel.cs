using Unroll.Tests.Cli;
using Xunit;

[assembly: AssemblyFixture(typeof(TrainedModel))]

namespace Unroll.Tests.Cli;

/// <summary>A small model of the built-in story, trained by the command when the first test asks for it.</summary>
public sealed class TrainedModel : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Lazy<UnrollOutput> training;

    public TrainedModel() => training = new Lazy<UnrollOutput>(() =>
        UnrollProcess.Run(
            folder.Path, "train", "--hidden", "24", "--epochs", "3", "--sample-every", "1", "--log", "run.jsonl", "--threads", "1", "--json").Succeeded());

    /// <summary>The model's path.</summary>
    public string Path => File("model.safetensors");

    /// <summary>The folder that it is in.</summary>
    public string Folder => Wait(folder.Path);

    /// <summary>What the command said.</summary>
    internal UnrollOutput Training => training.Value;

    /// <summary>A file that the training left.</summary>
    public string File(string name) => Wait(folder[name]);

    public void Dispose() => folder.Dispose();

    private string Wait(string path)
    {
        _ = training.Value;
        return path;
    }
}

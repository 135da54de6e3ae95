// A model that was learned in PyTorch becomes one of ours: the tensors of a torch.nn embedding, RNN, GRU or LSTM and linear layer, and
// a vocabulary. Nothing is learned or rounded here; what cannot be taken exactly is refused.
using Unroll.Checkpoints;
using Unroll.Import;

namespace Unroll;

/// <summary>A model from a file that PyTorch made.</summary>
/// <param name="Model">The model.</param>
/// <param name="Tensors">The file's name of each tensor, by the name that it has here.</param>
/// <param name="HadUnknown">Whether the vocabulary has a token for unknown ones. Otherwise one was added, which is likely nowhere: its
/// vectors are the means of the others', and its logit is 20 below the mean of theirs, which leaves less than 2.1e-9 / V of the
/// probability to it.</param>
public sealed record ImportedModel(LanguageModel Model, IReadOnlyDictionary<string, string> Tensors, bool HadUnknown)
{
    private const string Kind = "file to import";

    /// <summary>Reads a safetensors file (numbers of 32 or 16 bits), trusting nothing in it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What it does not tell itself.</param>
    /// <exception cref="ModelFileException">The file, or the vocabulary's, is missing, damaged, or holds something else.</exception>
    /// <exception cref="UnrollException">The options contradict the file, or there is no vocabulary.</exception>
    public static ImportedModel Read(string path, ImportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new ImportOptions();
        return CheckpointReader.Open(path, stream =>
        {
            PickledFile.Refuse(path, stream);
            var file = new SafetensorsFile(stream);
            if (file.Header.Metadata.GetValueOrDefault("format") == "unroll")
                throw new ModelFileException($"\"{path}\" is a model of Unroll already, and can be used as it is.");
            string[] tokens = VocabularyJson.Find(file.Header.Metadata, options.Vocabulary)
                ?? throw new UnrollException($"\"{path}\" has no vocabulary in its metadata: name a file with {new PropertyName(nameof(options.Vocabulary))}, a JSON array of the tokens in the order of their ids, or a JSON object that gives each token its id.");
            return TorchNetwork.Read(file, tokens, options);
        }, Kind);
    }
}

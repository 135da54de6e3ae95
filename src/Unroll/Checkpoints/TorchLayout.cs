using Unroll.Model;

namespace Unroll.Checkpoints;

/// <summary>The tensors as torch.nn wants them: always two bias vectors per layer and always a decoder of its own.</summary>
internal static class TorchLayout
{
    /// <summary>What precedes the name of a tensor of the training state.</summary>
    public const string TrainingPrefix = "training.";

    /// <summary>What precedes the names of a network's tensors: nothing for the first, so that a file of one network is all torch.nn's.</summary>
    /// <param name="member">The network, from 0.</param>
    public static string MemberPrefix(int member) => member == 0 ? "" : $"member.{member}.";

    /// <summary>The name of the tensor of the n-grams that have vectors: whole numbers, [rows, 2].</summary>
    public const string Ngrams = "ngrams";

    /// <summary>The tensors of a network's numbers, in the order in which they are written.</summary>
    public static IReadOnlyList<ParameterTensor> Tensors(ModelOptions options, int vocabularySize, NgramIndex? ngrams) =>
        Parameters.Layout(options with { Biases = Biases.Two, TieWeights = false }, vocabularySize, ngrams);

    /// <summary>The model's tensor whose values a tensor of the file repeats, or null where it is all zeros.</summary>
    /// <param name="name">The tensor of the file.</param>
    /// <param name="options">The model's shape.</param>
    public static string? SourceOf(string name, ModelOptions options) => name switch
    {
        "decoder.weight" when options.TieWeights => "embedding.weight",
        _ when options.Biases == Biases.One && name.StartsWith("rnn.bias_hh_", StringComparison.Ordinal) => null,
        _ => name,
    };
}

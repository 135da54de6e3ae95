// How a model is kept within a size of its file: its networks are what they are, and take it or leave it; vectors by n-gram and the
// memory of counts grow with a text, and share what is left.
using Unroll.Counts;
using Unroll.Model;

namespace Unroll.Training;

/// <summary>Fits the parts of a model that grow with its text into a file.</summary>
internal static class FileLimit
{
    // The header, the tokens' names, and what a run says of itself.
    private const long Header = 20_000, BytesPerToken = 24;

    /// <summary>The options of a model whose finished file has at most so many bytes.</summary>
    /// <param name="model">Each network's shape.</param>
    /// <param name="training">How it learns.</param>
    /// <param name="members">Networks.</param>
    /// <param name="vocabularySize">V.</param>
    /// <param name="length">Tokens of the text that there are to count.</param>
    /// <param name="bytes">The limit.</param>
    /// <exception cref="UnrollException">The networks alone take more.</exception>
    public static (ModelOptions Model, TrainingOptions Training) Fit(ModelOptions model, TrainingOptions training, int members, int vocabularySize, long length, long bytes)
    {
        long left = Left(bytes, vocabularySize, members * Bytes(model, vocabularySize, ngrams: null), ", or choose fewer hidden units");
        long counted = Math.Min(training.MemoryTokens, length), room = CountTensors.MostTokens(vocabularySize, left / 2);
        if (counted > room)
            training = training with { MemoryTokens = (int)(counted = room) };
        long memory = CountTensors.Bytes(vocabularySize, counted);
        long row = members * (2 * sizeof(int)
            + sizeof(float) * ((model.InputNgrams > 0 ? model.EmbeddingSize : 0L) + (model.OutputNgrams > 0 ? vocabularySize : 0L)));
        return (model with { NgramRows = (int)Math.Min(model.NgramRows, (left - memory) / row) }, training);
    }

    /// <summary>The options of a run with which a model goes on, such that its finished file has at most so many bytes: its networks and
    /// their n-grams are what they are.</summary>
    /// <param name="model">The model.</param>
    /// <param name="training">How it learns.</param>
    /// <param name="bytes">The limit.</param>
    /// <exception cref="UnrollException">The networks alone take more.</exception>
    public static TrainingOptions Fit(LanguageModel model, TrainingOptions training, long bytes)
    {
        int vocabularySize = model.Vocabulary.Count;
        long left = Left(bytes, vocabularySize, model.Members.Sum(member => Bytes(member.Options, vocabularySize, member.Ngrams)), ", or go on from a smaller model");
        return training with { MemoryTokens = (int)Math.Min(training.MemoryTokens, CountTensors.MostTokens(vocabularySize, left)) };
    }

    // A network's tensors as a file has them.
    private static long Bytes(ModelOptions model, int vocabularySize, NgramIndex? ngrams) =>
        sizeof(float) * Parameters.Layout(model with { Biases = Biases.Two, TieWeights = false }, vocabularySize, ngrams).Sum(tensor => tensor.Count)
        + 2L * sizeof(int) * (ngrams?.Rows ?? 0);

    private static long Left(long bytes, int vocabularySize, long networks, string or)
    {
        long left = bytes - Header - BytesPerToken * vocabularySize - networks;
        return left >= 0 ? left
            : throw new UnrollException($"A model file of {bytes:0} bytes has no room for its networks, which take {bytes - left:0}: allow more{or}.");
    }
}

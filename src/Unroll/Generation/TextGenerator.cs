using Unroll.Model;

namespace Unroll.Generation;

/// <summary>Continues a text: warm-up on the prefix, then one token in, one state update, one token out (d2l 8.5).</summary>
public sealed class TextGenerator : IDisposable
{
    /// <summary>Prepares a model to speak; the model's parameters are read now.</summary>
    public TextGenerator(LanguageModel model, int threads = 0) => throw new NotImplementedException();

    /// <summary>The prefix with its continuation.</summary>
    public string Generate(string prefix, int length) => throw new NotImplementedException();

    /// <summary>The continuation, piece by piece as it is produced; never half a character.</summary>
    public IEnumerable<string> Stream(string prefix, GenerationOptions? options = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

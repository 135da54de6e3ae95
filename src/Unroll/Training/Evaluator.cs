using Unroll.Data;
using Unroll.Model;

namespace Unroll.Training;

/// <summary>Measures how well a model predicts a text, the state carried from its first token to its last.</summary>
public static class Evaluator
{
    /// <summary>Reads a text of any length in bounded memory and scores every token but the first.</summary>
    public static EvaluationResult Evaluate(LanguageModel model, TextSource text, int threads = 0, IProgress<long>? progress = null, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}

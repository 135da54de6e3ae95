namespace Unroll.Web.Api;

/// <summary>How well a model predicts a text: what <see cref="TextScore"/> says, under the API's names.</summary>
/// <param name="Index">Which of the request's texts.</param>
/// <param name="Loss">Mean cross-entropy, nats per token.</param>
/// <param name="Logprobs">Token by token, where that is wanted.</param>
internal sealed record ScoreJson(
    int Index, int Tokens, int Characters, int Bytes, int Unknown, double Loss, double Bits, double BitsPerToken, double BitsPerCharacter, double BitsPerByte,
    double ExcessBits, double Oddness, LogprobsJson? Logprobs)
{
    /// <summary>Of a text that has been scored.</summary>
    public static ScoreJson Of(int index, TextScore score, LogprobsJson? logprobs) => new(
        index, score.Tokens, score.Characters, score.Bytes, score.Unknown, score.Loss, score.Bits, score.BitsPerToken, score.BitsPerCharacter, score.BitsPerByte,
        score.ExcessBits, score.Oddness, logprobs);
}

/// <summary>The answer of <c>/v1/score</c>.</summary>
internal sealed record ScoreListJson(string Object, string Model, string SystemFingerprint, IReadOnlyList<ScoreJson> Data, UsageJson Usage);

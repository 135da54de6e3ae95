// A text as Evaluator reads it, from its first token to its last with the state carried, and what was expected in each token's
// place. It hands out tokens as it goes, and keeps none.
using Unroll.Data.Tokens;
using Unroll.Model;

namespace Unroll.Prediction;

/// <summary>A token that was read.</summary>
/// <param name="Text">Its text: nothing for a byte that does not complete a character.</param>
/// <param name="Prediction">How likely it was; null of a text's first token, which nothing precedes.</param>
/// <param name="Alternatives">The likeliest tokens in its place, the likeliest first.</param>
internal readonly record struct ReadToken(string Text, TokenPrediction? Prediction, IReadOnlyList<TokenPrediction> Alternatives);

/// <summary>Reads one text and tells of every token how likely it was and what else might have come.</summary>
/// <param name="model">The model; the text is split and cleaned as its vocabulary says.</param>
/// <param name="threads">Threads; 0 = one per core. The result does not depend on it.</param>
/// <param name="readsAlong">Whether it learns from what it has read.</param>
/// <param name="alternatives">How many of the likeliest tokens to tell.</param>
internal sealed class TokenByToken(LanguageModel model, int threads, bool readsAlong, int alternatives) : IDisposable
{
    // Who reads along learns from so many tokens at a time, and is measured in such windows by Evaluator too.
    private const int Piece = 32, MostSteps = 8 * Piece;

    private readonly Surprises surprises =
        new(model, new EngineOptions { Rows = 1, Steps = MostSteps, Threads = threads, ReadsAlong = readsAlong }, multiple: Piece);

    /// <summary>Predictions made so far.</summary>
    public long Tokens { get; private set; }

    /// <summary>Unicode scalar values of the predicted tokens.</summary>
    public long Characters { get; private set; }

    /// <summary>UTF-8 bytes of the predicted tokens.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many of the predicted tokens the model does not know.</summary>
    public long Unknown { get; private set; }

    /// <summary>The sum of the losses in nats, added up in the text's order.</summary>
    public double TotalLoss { get; private set; }

    /// <summary>Reads a text, once.</summary>
    /// <exception cref="UnrollException">It is not valid UTF-8 or cannot be read.</exception>
    public IEnumerable<ReadToken> Read(TextSource text, CancellationToken cancellationToken = default)
    {
        var table = new TextEncoder.Table(model.Vocabulary);
        using var stream = new TokenStream(text.Read(), model.Vocabulary.Tokenization, table);
        var decoder = new TokenDecoder(model.Vocabulary);
        int[] window = new int[surprises.Steps + 1]; // the last id read, then those that it predicts
        if (model.Vocabulary.EndId is { } end)
        {
            window[0] = end; // nothing comes before a document: its first token is predicted too
        }
        else
        {
            if (stream.Read(window.AsSpan(0, 1)) == 0)
                yield break;
            yield return new ReadToken(TextOf(decoder.Append(window[0]), window[0], table, 0), null, []);
        }
        (long characters, long bytes) = (stream.Characters, stream.Bytes);
        table.Unknown.Clear();
        for (int count = stream.Read(window.AsSpan(1)); count > 0; count = stream.Read(window.AsSpan(1)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            surprises.Score(1, window.AsSpan(0, count), window.AsSpan(1, count));
            (Characters, Bytes) = (stream.Characters - characters, stream.Bytes - bytes);
            for (int i = 0, unknown = 0; i < count; i++)
            {
                int id = window[i + 1];
                string piece = TextOf(decoder.Append(id), id, table, unknown);
                float loss = -surprises.LogProbabilities(i)[id], entropy = surprises.Entropies[i];
                unknown += id == Vocabulary.UnknownId ? 1 : 0;
                Unknown += id == Vocabulary.UnknownId ? 1 : 0;
                Tokens++;
                TotalLoss += loss;
                yield return new ReadToken(piece, new TokenPrediction(id, piece, -loss) { Entropy = entropy }, Likeliest.Of(surprises.LogProbabilities(i), model.Vocabulary, alternatives, entropy));
            }
            table.Unknown.Clear();
            window[0] = window[count];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => surprises.Dispose();

    private static string TextOf(string decoded, int id, TextEncoder.Table table, int unknown) =>
        id == Vocabulary.UnknownId ? decoded[..^Vocabulary.UnknownToken.Length] + table.Unknown[unknown] : decoded;
}

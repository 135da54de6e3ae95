// How a model speaks. The prefix is fed once; after that each token is fed back alone, because the state already sums up
// everything before it: constant work for each token, however long the text has become.
using System.Text;
using Unroll.Data.Tokens;
using Unroll.Generation;
using Unroll.Kernels;
using Unroll.Model;

namespace Unroll;

/// <summary>Continues a text: warm-up on the prefix, then one token in, one state update, one token out (d2l 8.5). It
/// produces one text at a time and is not for several threads at once. After an empty prefix a text begins as after a line
/// break or, where the model knows none, after a space or the commonest token; a token of the prefix that the model does
/// not know counts as the unknown token.</summary>
public sealed class TextGenerator : IDisposable
{
    private const int WarmupSteps = 64;

    private readonly Vocabulary vocabulary;
    private readonly Engine engine;
    private readonly int[] input = new int[1];
    private long texts; // begun so far

    /// <summary>Prepares a model to speak; the model's parameters are read now.</summary>
    /// <param name="model">The model.</param>
    /// <param name="threads">Threads; 0 = one per core. The text does not depend on it.</param>
    public TextGenerator(LanguageModel model, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, ThreadTeam.Most);
        vocabulary = model.Vocabulary;
        engine = Engine.For(model, new EngineOptions { Rows = 1, Steps = WarmupSteps, Threads = threads });
    }

    /// <summary>The tokens produced so far of the text begun last.</summary>
    public long TokensProduced { get; private set; }

    /// <summary>The prefix with its likeliest continuation.</summary>
    /// <param name="prefix">What to continue.</param>
    /// <param name="length">Tokens to add.</param>
    /// <exception cref="UnrollException">The length is negative.</exception>
    public string Generate(string prefix, int length) => Generate(prefix, new GenerationOptions { Length = length }).ToString();

    /// <summary>Continues a text.</summary>
    /// <param name="prefix">What to continue.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The options make no sense.</exception>
    public GeneratedText Generate(string prefix, GenerationOptions options, CancellationToken cancellationToken = default)
    {
        var text = new StringBuilder();
        foreach (string piece in Stream(prefix, options, cancellationToken))
            text.Append(piece);
        return new GeneratedText(prefix, text.ToString(), TokensProduced);
    }

    /// <summary>The continuation, piece by piece as it is produced; never half a character. A character that is still
    /// incomplete when the length is reached is left out.</summary>
    /// <param name="prefix">What to continue.</param>
    /// <param name="options">How; null = the defaults.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The options make no sense.</exception>
    /// <exception cref="InvalidOperationException">While reading on: the generator has begun another text since.</exception>
    public IEnumerable<string> Stream(string prefix, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        options ??= new GenerationOptions();
        options.Validate();
        return Produce(prefix, options, cancellationToken);
    }

    /// <summary>The tokens of a prefix that the model does not know, each once, the commonest first.</summary>
    public IReadOnlyList<string> UnknownTokens(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var known = new KnownTokens(vocabulary);
        using var stream = new TokenStream(TextSource.FromString(prefix).Read(), vocabulary.Text, known, whole: false);
        Span<int> ids = stackalloc int[256];
        while (stream.Read(ids) > 0)
        {
        }
        return [.. known.Commonest(int.MaxValue).Select(entry => entry.Token)];
    }

    /// <inheritdoc/>
    public void Dispose() => engine.Dispose();

    private IEnumerable<string> Produce(string prefix, GenerationOptions options, CancellationToken cancellationToken)
    {
        long mine = ++texts;
        TokensProduced = 0;
        var decoder = new TokenDecoder(vocabulary);
        var sampler = new TokenSampler(options, vocabulary.Count);
        StopText? stop = options.Stop is null ? null : new StopText(options.Stop);
        int token = WarmUp(prefix, decoder);
        for (int position = 0; position < options.Length; position++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (mine != texts)
                throw new InvalidOperationException("The generator has begun another text; read one to its end before beginning the next, or make a generator for each.");
            token = Next(token, sampler, position);
            TokensProduced++;
            string text = decoder.Append(token);
            if (text.Length == 0)
                continue;
            int end = stop?.Take(text) ?? -1;
            if (end >= 0)
            {
                yield return text[..end];
                yield break;
            }
            yield return text;
        }
    }

    // Feeds all tokens of the prefix but the last, which is the first to be asked what follows it.
    private int WarmUp(string prefix, TokenDecoder decoder)
    {
        engine.ResetState();
        int[] ids = vocabulary.Encode(prefix);
        foreach (int id in ids)
            decoder.Append(id); // it is not printed again, but the next token's text may depend on it
        if (ids.Length == 0)
            return StartToken();
        for (int start = 0; start < ids.Length - 1; start += WarmupSteps)
            engine.Feed(rows: 1, ids.AsSpan(start, Math.Min(WarmupSteps, ids.Length - 1 - start)));
        return ids[^1];
    }

    private int StartToken()
    {
        foreach (string text in (ReadOnlySpan<string>)["\n", " "])
        {
            if (vocabulary.Encode(text) is [var id and not Vocabulary.UnknownId])
                return id;
        }
        return Math.Min(1, vocabulary.Count - 1);
    }

    private int Next(int token, TokenSampler sampler, int position)
    {
        input[0] = token;
        return sampler.Next(engine.Step(input)[..vocabulary.Count], position);
    }
}

// How a model speaks. The prefix is fed once; after that each token is fed back alone, because the state already sums up
// everything before it: constant work for each token, however long the text has become.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using Unroll.Data.Tokens;
using Unroll.Generation;
using Unroll.Kernels;
using Unroll.Model;
using Unroll.Prediction;

namespace Unroll;

/// <summary>Continues a text: warm-up on the prefix, then one token in, one state update, one token out (d2l 8.5). It
/// produces one text at a time and is not for several threads at once. After an empty prefix a text begins as after a line
/// break or, where the model knows none, after a space or the commonest token; a token of the prefix that the model does
/// not know counts as the unknown token.</summary>
public sealed class TextGenerator : IDisposable
{
    private const int WarmupSteps = 64;

    private readonly Vocabulary vocabulary;
    private readonly LanguageModel model;
    private readonly int threads;
    private readonly Predictor predictor;
    private readonly TurnRoom room;
    private Predictor? beams; // of as many rows as the widest search so far
    private long texts; // begun so far

    /// <summary>Prepares a model to speak, which must not change while it does: after training make another generator.</summary>
    /// <param name="model">The model.</param>
    /// <param name="threads">Threads; 0 = as many as the work is worth. The text does not depend on it.</param>
    public TextGenerator(LanguageModel model, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ThreadTeam.CheckAskedFor(threads);
        (this.model, vocabulary, this.threads) = (model, model.Vocabulary, threads);
        room = new TurnRoom(vocabulary.Count);
        predictor = Predictor.For(model, new EngineOptions { Rows = 1, Steps = WarmupSteps, Threads = threads });
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

    /// <summary>The best continuations that a beam search finds, side by side.</summary>
    /// <param name="prefix">What to continue.</param>
    /// <param name="options">How: <see cref="GenerationOptions.Beam"/> says how many are kept.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>As many as are kept, or as there are, the best first, with their probabilities and scores. A stop text ends one.</returns>
    /// <exception cref="UnrollException">The options make no sense.</exception>
    /// <exception cref="ObjectDisposedException">The generator has been disposed of.</exception>
    public IReadOnlyList<GeneratedText> Search(string prefix, GenerationOptions options, CancellationToken cancellationToken = default)
    {
        TextUnderWay start = Begin(prefix, ref options!);
        OptionsException.Require(options.Temperature == 0, nameof(options.Temperature), $"must be 0 for a search, which draws nothing.");
        (texts, TokensProduced) = (texts + 1, 0);
        WarmUp(prefix, start, cancellationToken);
        var state = new RecurrentState(model);
        predictor.GetState(row: 0, state);
        if (beams is null || beams.Options.Rows < options.Beam)
        {
            beams?.Dispose();
            beams = Predictor.For(model, new EngineOptions { Rows = options.Beam, Steps = 1, Threads = threads });
        }
        var search = new BeamSearch(beams, vocabulary.Count, options);
        GeneratedText[] found = [.. search.Search(state, start, cancellationToken).Select(text => new GeneratedText(
            prefix, Written(search.TokensOf(text), start.Branch()), text.Tokens) { LogProbability = text.LogProbability, Score = text.Score })];
        TokensProduced = found[0].Tokens;
        return found;
    }

    /// <summary>The continuation, piece by piece as it is produced; never half a character. A character that is still
    /// incomplete when the length is reached is left out. What a search finds comes in one piece at its end.</summary>
    /// <param name="prefix">What to continue.</param>
    /// <param name="options">How; null = the defaults.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">The options make no sense.</exception>
    /// <exception cref="InvalidOperationException">While reading on: the generator has begun another text since.</exception>
    /// <exception cref="ObjectDisposedException">Now or while reading on: the generator has been disposed of.</exception>
    public IEnumerable<string> Stream(string prefix, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Produce(prefix, Begin(prefix, ref options), options, cancellationToken);

    /// <summary>The same without keeping the caller's thread: the prefix is read, and each token made, on the thread pool.</summary>
    /// <inheritdoc cref="Stream"/>
    public IAsyncEnumerable<string> StreamAsync(string prefix, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        ProduceAsync(prefix, Begin(prefix, ref options), options, cancellationToken);

    /// <summary>The tokens of a prefix that the model does not know, each once, the commonest first.</summary>
    public IReadOnlyList<string> UnknownTokens(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var known = new KnownTokens(vocabulary);
        using var stream = new TokenStream(TextSource.FromString(prefix).Read(), vocabulary.Tokenization, known, whole: false);
        Span<int> ids = stackalloc int[256];
        while (stream.Read(ids) > 0)
        {
        }
        return [.. known.Commonest(int.MaxValue).Select(entry => entry.Token)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        predictor.Dispose();
        beams?.Dispose();
    }

    // A text that can be begun any number of times.
    private TextUnderWay Begin(string prefix, [NotNull] ref GenerationOptions? options)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ObjectDisposedException.ThrowIf(predictor.IsDisposed, this);
        options ??= new GenerationOptions();
        options.Validate();
        return new TextUnderWay(options, vocabulary);
    }

    private async IAsyncEnumerable<string> ProduceAsync(
        string prefix, TextUnderWay start, GenerationOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using IEnumerator<string> pieces = Produce(prefix, start, options, cancellationToken).GetEnumerator();
        Func<bool> next = pieces.MoveNext;
        while (await Task.Run(next, cancellationToken).ConfigureAwait(false))
            yield return pieces.Current;
    }

    private IEnumerable<string> Produce(string prefix, TextUnderWay start, GenerationOptions options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(predictor.IsDisposed, this);
        if (options.Beam > 1)
        {
            yield return Search(prefix, options, cancellationToken)[0].Text;
            yield break;
        }
        long mine = ++texts;
        TokensProduced = 0;
        var written = new Continuation(options, start.Branch());
        WarmUp(prefix, written.Text, cancellationToken);
        while (!written.IsEnded)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(predictor.IsDisposed, this);
            if (mine != texts)
                throw new InvalidOperationException("The generator has begun another text; read one to its end before beginning the next, or make a generator for each.");
            string text = written.Next(predictor, written.Tokens == 0 ? predictor.Predict(rows: 1) : predictor.Step([written.Last]), row: 0, room);
            TokensProduced = written.Tokens;
            if (text.Length > 0)
                yield return text;
        }
    }

    private static string Written(int[] tokens, TextUnderWay text)
    {
        var written = new StringBuilder();
        foreach (int token in tokens)
            written.Append(text.Write(token));
        return written.ToString();
    }

    // Reads the prefix in pieces, so that a long one can be cancelled and takes no memory.
    private void WarmUp(string prefix, TextUnderWay text, CancellationToken cancellationToken)
    {
        predictor.ResetState();
        using var tokens = new TokenStream(TextSource.FromString(prefix).Read(), vocabulary.Tokenization, new KnownTokens(vocabulary), whole: false);
        Span<int> ids = stackalloc int[WarmupSteps];
        int read = tokens.Read(ids);
        if (read == 0 || vocabulary.EndId is not null)
            predictor.Feed(rows: 1, [LineStart.Of(vocabulary)]);
        for (; read > 0; read = tokens.Read(ids))
        {
            cancellationToken.ThrowIfCancellationRequested();
            predictor.Feed(rows: 1, ids[..read]);
            foreach (int id in ids[..read])
                text.Read(id);
        }
    }
}

// A language model: a vocabulary and what has learned to predict it, one network or several whose predictions are averaged. What
// a network computes is in CpuEngine, how a model is kept in Checkpoints, how it learns in Training, how it speaks in Generation.
using Unroll.Counts;
using Unroll.Model;

namespace Unroll;

/// <summary>A recurrent language model: a vocabulary and a network, or several networks whose probabilities are averaged.</summary>
public sealed class LanguageModel
{
    /// <summary>The most networks of a model: more than anybody has averaged to good purpose.</summary>
    internal const int MostMembers = 64;

    internal LanguageModel(Vocabulary vocabulary, ModelOptions options, NgramIndex? ngrams = null)
    {
        (Vocabulary, Options, Ngrams, Parameters) = (vocabulary, options, ngrams, new Parameters(options, vocabulary.Count, ngrams));
        Members = [this];
    }

    private LanguageModel(IReadOnlyList<LanguageModel> members)
    {
        (Vocabulary, Options, Ngrams, Parameters) = (members[0].Vocabulary, members[0].Options, members[0].Ngrams, members[0].Parameters);
        Members = members;
    }

    /// <summary>The shape of the (first) network.</summary>
    public ModelOptions Options { get; }

    /// <summary>The tokens the model knows, and how a text becomes tokens.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Everything that the (first) network has learned.</summary>
    public Parameters Parameters { get; }

    /// <summary>The networks whose probabilities are averaged, each a model by itself; a model of one network is its own only member.</summary>
    public IReadOnlyList<LanguageModel> Members { get; }

    /// <summary>The n-grams that have vectors in the (first) network; null where it looks none up.</summary>
    internal NgramIndex? Ngrams { get; }

    /// <summary>What counts of the training text say beside the networks; null where nothing was counted. An average of models has
    /// none.</summary>
    internal CountMemory? Memory { get; set; }

    /// <summary>Whether the model keeps a memory of counts of its training text, and predicts by both.</summary>
    public bool HasMemory => Memory is not null;

    /// <summary>Tokens of the training text that the memory has counted, and the model's file keeps; 0 without a memory.</summary>
    public int MemoryTokens => Memory?.Tokens.Length ?? 0;

    /// <summary>Those tokens.</summary>
    internal ReadOnlySpan<int> MemoryText => Memory is null ? [] : Memory.Tokens;

    /// <summary>The model's networks, without the memory; nothing is copied.</summary>
    public LanguageModel WithoutMemory() => Memory is null ? this : new LanguageModel(Members);

    /// <summary>The same networks with a memory; nothing is copied.</summary>
    internal LanguageModel WithMemory(CountMemory? memory) => new(Members) { Memory = memory };

    /// <summary>The fingerprint of the model that this one goes on from, where <see cref="From"/> made it.</summary>
    internal string? Origin { get; set; }

    /// <summary>SHA-256 in hexadecimal of all that the model predicts by, as it is now: its tokens, its networks' tensors and n-grams, its
    /// memory. Whatever file it is in, and whatever that says of its training, it is the same.</summary>
    public string Fingerprint() => ModelFingerprint.Of(this);

    /// <summary>Learned numbers of all networks.</summary>
    internal long ParameterCount => Members.Sum(member => (long)member.Parameters.Count);

    /// <summary>Makes a model with fresh random weights.</summary>
    /// <param name="vocabulary">The tokens it will read and write.</param>
    /// <param name="options">Its shape; without vectors by n-gram, which need a text.</param>
    /// <param name="seed">Equal seeds give equal weights, to the bit, on any machine.</param>
    /// <param name="members">How many networks, 1 to 64, all of this shape: the weights of the first come from the seed, those of
    /// the next from the number after it, and so on.</param>
    /// <exception cref="UnrollException">The options do not make a model.</exception>
    public static LanguageModel Create(Vocabulary vocabulary, ModelOptions options, ulong seed = 1, int members = 1)
    {
        OptionsException.Require(options.NgramOrder == 0, options.InputNgrams > 0 ? nameof(options.InputNgrams) : nameof(options.OutputNgrams),
            $"needs a text that tells which n-grams there are: create the model from a corpus.");
        return Create(vocabulary, options, ngrams: null, seed, members);
    }

    /// <summary>Makes a model with fresh random weights for a text: with vectors for the n-grams that its training part has, where
    /// the options ask for them.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="options">The model's shape.</param>
    /// <param name="seed">Equal seeds give equal weights, to the bit, on any machine.</param>
    /// <param name="members">How many networks, as above.</param>
    /// <exception cref="UnrollException">The options do not make a model.</exception>
    public static LanguageModel Create(Corpus corpus, ModelOptions options, ulong seed = 1, int members = 1)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        NgramIndex? ngrams = options.NgramOrder > 0 ? NgramCounter.Count(corpus.Training, corpus.Vocabulary.Count, corpus.Vocabulary.EndId, options) : null;
        return Create(corpus.Vocabulary, options, ngrams, seed, members);
    }

    private static LanguageModel Create(Vocabulary vocabulary, ModelOptions options, NgramIndex? ngrams, ulong seed, int members)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(members, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(members, MostMembers);
        return Average([.. Enumerable.Range(0, members).Select(member => Network(vocabulary, options, ngrams, unchecked(seed + (ulong)member)))]);
    }

    /// <summary>Makes a model that goes on from another one with a new text: a copy, memory included, in which the text's new tokens
    /// (<see cref="CorpusOptions.NewTokens"/>) get rows of their own, the means of those that the model knows, and, where it has vectors
    /// by n-gram, the text's new n-grams, too. A <see cref="Trainer"/> then begins with what it has learned, and the model's file says
    /// what it went on from.</summary>
    /// <param name="start">The model to go on from; it stays as it is.</param>
    /// <param name="corpus">The text, read with the model's vocabulary.</param>
    /// <exception cref="UnrollException">The text was read with another vocabulary.</exception>
    public static LanguageModel From(LanguageModel start, Corpus corpus)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(corpus);
        Vocabulary vocabulary = corpus.Vocabulary;
        if (vocabulary.Text != start.Vocabulary.Text || !vocabulary.Tokens.Take(start.Vocabulary.Count).SequenceEqual(start.Vocabulary.Tokens))
            throw new UnrollException($"The vocabulary of {corpus.Name} does not begin with the model's tokens: read the text with the model's own vocabulary.");
        LanguageModel model = Average([.. start.Members.Select(member => GrownNetwork.Of(member, vocabulary, MoreNgrams(member)))]);
        (model.Memory, model.Origin) = (start.Memory?.Among(vocabulary), start.Fingerprint());
        return model;

        // As many as a fresh model's tables would have room for beside those that are there.
        NgramIndex? MoreNgrams(LanguageModel network) => network.Ngrams is not { } ngrams ? null
            : NgramCounter.Count(corpus.Training, vocabulary.Count, vocabulary.EndId, network.Options with { NgramRows = Math.Max(0, network.Options.NgramRows - ngrams.Rows) });
    }

    /// <summary>Makes one model of several: the probability of a token is the mean of those that they give it. Each goes on being
    /// a model by itself; nothing is copied.</summary>
    /// <param name="models">Models of one vocabulary, of any shapes, 1 to 64 networks in all. Of one that is an average its networks
    /// are taken, one by one.</param>
    /// <exception cref="UnrollException">Their vocabularies differ, or there are too many.</exception>
    /// <exception cref="ArgumentException">There is none, or one comes twice.</exception>
    public static LanguageModel Average(params IReadOnlyList<LanguageModel> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        LanguageModel[] members = [.. models.SelectMany(model => model.Members)];
        if (members.Length == 0 || members.Distinct().Count() < members.Length)
            throw new ArgumentException("An average is one of different models.", nameof(models));
        if (members.Length > MostMembers)
            throw new UnrollException($"A model has at most {MostMembers} networks, not {members.Length}.");
        Vocabulary first = members[0].Vocabulary;
        if (members.Any(member => member.Vocabulary != first && !(member.Vocabulary.Text == first.Text && member.Vocabulary.Tokens.SequenceEqual(first.Tokens))))
            throw new UnrollException($"Only models of one vocabulary can be averaged: train the others on the same text, or with the first one's vocabulary.");
        return members.Length == 1 ? members[0] : new LanguageModel(members);
    }

    /// <summary>A network of the first one's shape, all zero.</summary>
    internal LanguageModel Blank() => new(Vocabulary, Options, Ngrams);

    private static LanguageModel Network(Vocabulary vocabulary, ModelOptions options, NgramIndex? ngrams, ulong seed)
    {
        var model = new LanguageModel(vocabulary, options, ngrams);
        Initializer.Fill(model.Parameters, options, seed);
        return model;
    }
}

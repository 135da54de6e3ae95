// Every option of `train` that sets a property of an options record, in one place: name, unit, meaning, and how to get
// from the typed text to the property and back.
using Unroll.Cli.Arguments;
using Unroll.Training;

namespace Unroll.Cli.Training;

/// <summary>The options of <c>train</c> that describe the model, the text and the training.</summary>
internal static class TrainSettings
{
    /// <summary>The model's shape.</summary>
    public static IReadOnlyList<Setting<ModelOptions>> Model() =>
    [
        new("--cell", "rnn|gru|lstm|cifg", "the kind of recurrent cell",
            (model, text) => model with { Cell = Value.Choice<CellKind>("--cell", text) }, model => Lower(model.Cell)),
        new("--hidden", "UNITS", "hidden units per layer",
            (model, text) => model with { HiddenSize = Value.Count("--hidden", text, 1) }, model => $"{model.HiddenSize}"),
        new("--layers", "N", "recurrent layers",
            (model, text) => model with { Layers = Value.Count("--layers", text, 1) }, model => $"{model.Layers}"),
        new("--embedding", "LENGTH", "length of a learned vector per token; 0 = one-hot",
            (model, text) => model with { EmbeddingSize = Value.Count("--embedding", text, 0) }, model => $"{model.EmbeddingSize}"),
        new("--input-ngrams", "ORDER", "n-grams up to this length, from 2 on, add learned vectors to the embedding; 0 = none",
            (model, text) => model with { InputNgrams = Value.Count("--input-ngrams", text, 0) }, model => $"{model.InputNgrams}"),
        new("--output-ngrams", "ORDER", "n-grams up to this length, from 2 on, add learned logits to the decoder's; 0 = none",
            (model, text) => model with { OutputNgrams = Value.Count("--output-ngrams", text, 0) }, model => $"{model.OutputNgrams}"),
        new("--ngram-count", "N", "how often the text must have an n-gram that is learned",
            (model, text) => model with { NgramCount = Value.Count("--ngram-count", text, 1) }, model => $"{model.NgramCount}"),
        new("--ngram-rows", "N", "the most n-grams that are learned",
            (model, text) => model with { NgramRows = Value.Count("--ngram-rows", text, 0) }, model => $"{model.NgramRows}"),
        new("--adaptive-softmax", "N", "the N commonest tokens in the head of an adaptive softmax, the others in clusters (for many tokens); 0 = one softmax over all",
            (model, text) => model with { AdaptiveSoftmax = Value.Count("--adaptive-softmax", text, 0) }, model => $"{model.AdaptiveSoftmax}"),
        new("--activation", "tanh|relu", "the plain cell's nonlinearity (rnn only)",
            (model, text) => model with { Activation = Value.Choice<Activation>("--activation", text) }, model => Lower(model.Activation)),
        new("--reset-gate", "after|before",
            "where a GRU applies its reset gate: after the recurrent product (PyTorch) or before it (the book)",
            (model, text) => model with { ResetGate = Value.Choice<ResetGate>("--reset-gate", text) }, model => Lower(model.ResetGate)),
        new("--biases", "two|one", "bias vectors per recurrent layer: two (PyTorch) or one (the book)",
            (model, text) => model with { Biases = Value.Choice<Biases>("--biases", text) }, model => Lower(model.Biases)),
        new("--init", "uniform|normal", "initial weights: uniform in ±1/√hidden, or normal with deviation 0.01 and zero biases",
            (model, text) => model with { Initialization = Value.Choice<Initialization>("--init", text) }, model => Lower(model.Initialization)),
        new("--forget-bias", "X", "added to the forget gate's bias at the start (lstm and cifg only): below 0 a short memory, above 0 a long one",
            (model, text) => model with { ForgetBias = Value.Number("--forget-bias", text, -100, 100) }, model => Value.Text(model.ForgetBias)),
        new("--tie", null, "the decoder shares the embedding's weights (needs --embedding equal to --hidden)",
            (model, _) => model with { TieWeights = true }, model => model.TieWeights ? "on" : "off"),
    ];

    /// <summary>How a text becomes tokens.</summary>
    public static IReadOnlyList<Setting<TextOptions>> Text() =>
    [
        new("--tokens", "character|word|byte|bpe", "what a token is; bpe: byte pairs, parts of words that are learnt from the text",
            (text, value) => text with { Tokens = Value.Choice<TokenKind>("--tokens", value) }, text => Lower(text.Tokens)),
        new("--clean", "none|textbook", "textbook: only letters, in lower case, and single spaces, as in the book",
            (text, value) => text with { Clean = Value.Choice<Cleaning>("--clean", value) }, text => Lower(text.Clean)),
        new("--documents", "none|line|file", "every line, or every file, is a document: its end is learned, and nothing is carried over to the next",
            (text, value) => text with { Documents = Value.Choice<DocumentKind>("--documents", value) }, text => Lower(text.Documents)),
    ];

    /// <summary>Checks that a size of the vocabulary is given only where one is learnt.</summary>
    /// <exception cref="UsageException">It is given for other tokens.</exception>
    public static void CheckVocabulary(TextOptions text, CorpusOptions part)
    {
        if (part.VocabularySize is not null && text.Tokens != TokenKind.Bpe)
            throw new UsageException($"--vocabulary is for --tokens bpe, and the tokens are {Words.Tokens(text)}.");
    }

    /// <summary>Which part of a text is used; the validation part is apart, for it may be a file.</summary>
    public static IReadOnlyList<Setting<CorpusOptions>> Corpus() =>
    [
        new("--max-tokens", "N", "use only the first N tokens; 0 = all",
            (corpus, value) => corpus with { MaxTokens = Value.Whole("--max-tokens", value, 0) }, corpus => $"{corpus.MaxTokens}"),
        new("--held-back", "FRACTION", "the end of what is left that no network learns from; a memory is weighed on it",
            (corpus, value) => corpus with { HeldBack = Value.Number("--held-back", value, 0, 1, mostIncluded: false) }, corpus => Value.Text(corpus.HeldBack)),
        new("--new-tokens", "on|off", "with --from: whether tokens that the model does not know get rows of their own in it, or become <unk> [default: on]",
            (corpus, value) => corpus with { NewTokens = Value.Switch("--new-tokens", value) }, corpus => corpus.NewTokens ? "on" : ""),
        new("--min-count", "N", "tokens seen fewer than N times become <unk>",
            (corpus, value) => corpus with { MinCount = Value.Count("--min-count", value, 0) }, corpus => $"{corpus.MinCount}"),
        new("--vocabulary", "N", $"with --tokens bpe: tokens in the vocabulary, {CorpusOptions.LeastVocabulary} to {CorpusOptions.MostVocabulary} [default: {CorpusOptions.UsualVocabulary}]",
            (corpus, value) => corpus with { VocabularySize = Value.Count("--vocabulary", value, CorpusOptions.LeastVocabulary, CorpusOptions.MostVocabulary) },
            corpus => $"{corpus.VocabularySize}"),
    ];

    /// <summary>How the model learns.</summary>
    public static IReadOnlyList<Setting<TrainingOptions>> Training() =>
    [
        new("--batch", "ROWS", "rows of a minibatch",
            (training, text) => training with { Batch = Value.Count("--batch", text, 1) }, training => $"{training.Batch}"),
        new("--sequence-length", "N", "steps of a window: how far back-propagation reaches",
            (training, text) => training with { SequenceLength = Value.Count("--sequence-length", text, 1) }, training => $"{training.SequenceLength}",
            "--steps"),
        new("--sampling", "sequential|random|reset",
            "windows in order with the state carried, shuffled from a zero state, or in order from a zero state",
            (training, text) => training with { WindowOrder = Value.Choice<WindowOrder>("--sampling", text) }, training => Lower(training.WindowOrder)),
        new("--epochs", "N", "passes over the text",
            (training, text) => training with { Epochs = Value.Count("--epochs", text, 1), Updates = 0, Budget = null, Pace = null },
            training => training.Updates > 0 || training.Budget != null ? "" : $"{training.Epochs}"),
        new("--updates", "N", "updates to make, instead of --epochs",
            (training, text) => training with { Updates = Value.Whole("--updates", text, 1), Budget = null, Pace = null },
            training => training.Updates > 0 ? $"{training.Updates}" : ""),
        new("--budget", "TIME", "be done after this long by the clock, such as 90s, 3m or 1h30m, instead of --epochs; everything from reading the text on counts",
            (training, text) => training with { Budget = Value.Time("--budget", text), Updates = 0, Pace = null },
            training => training.Budget is TimeSpan budget ? Value.Text(budget) : ""),
        new("--pace", "UPDATES:TOTAL,…", "how a run with a --budget planned its updates, as it says at its end: with --updates, repeats it to the bit",
            (training, text) => training with { Pace = text }, training => training.Pace ?? ""),
        new("--measure", "TIMES", "measure so often, at equal fractions of the run and at its end, if that takes a small part of the time; 0 = at every epoch's end",
            (training, text) => training with { Measurements = Value.Count("--measure", text, 0) }, training => $"{training.Measurements}"),
        new("--patience", "N", "end the run after N measurements in a row without a better one; 0 = never",
            (training, text) => training with { Patience = Value.Count("--patience", text, 0) }, training => $"{training.Patience}"),
        new("--rollbacks", "N", "how often a run whose loss runs away goes back to the last good model and on at half the rate, before it gives up",
            (training, text) => training with { Rollbacks = Value.Count("--rollbacks", text, 0) }, training => $"{training.Rollbacks}"),
        new("--optimizer", "sgd|adam|adamw", "the rule that turns gradients into updates",
            (training, text) => training with { Optimizer = Value.Choice<OptimizerKind>("--optimizer", text) },
            training => Lower(training.Optimizer)),
        new("--momentum", "μ", "sgd's momentum; 0 ≤ μ < 1",
            (training, text) => training with { Momentum = Value.Number("--momentum", text, 0, 1, mostIncluded: false) }, training => Value.Text(training.Momentum)),
        new("--beta1", "β", "how slowly adam's mean of gradients forgets; 0 = RMSprop",
            (training, text) => training with { Beta1 = Value.Number("--beta1", text, 0, 1, mostIncluded: false) }, training => Value.Text(training.Beta1)),
        new("--beta2", "β", "how slowly adam's mean of squared gradients forgets",
            (training, text) => training with { Beta2 = Value.Number("--beta2", text, 0, 1, mostIncluded: false) }, training => Value.Text(training.Beta2)),
        new("--lr", "RATE", "the learning rate",
            (training, text) => training with { LearningRate = Value.Number("--lr", text, 0) }, training => Value.Text(training.LearningRate)),
        new("--schedule", "constant|linear|cosine|power|plateau",
            "how the learning rate falls after the warm-up: not at all, along a curve to zero, or whenever the validation loss no longer falls",
            (training, text) => training with { Schedule = Value.Choice<Schedule>("--schedule", text) }, training => Lower(training.Schedule)),
        new("--cooldown", "FRACTION", "the last part of the run, in which the learning rate falls; before, it stays",
            (training, text) => training with { Cooldown = Value.Number("--cooldown", text, 0, 1) }, training => Value.Text(training.Cooldown)),
        new("--schedule-power", "P", "power's exponent: the learning rate falls as (1 − t)^P",
            (training, text) => training with { SchedulePower = Value.Number("--schedule-power", text, 0) }, training => Value.Text(training.SchedulePower)),
        new("--plateau-patience", "N", "plateau: measurements without a new best validation loss before the learning rate falls",
            (training, text) => training with { PlateauPatience = Value.Count("--plateau-patience", text, 1) }, training => $"{training.PlateauPatience}"),
        new("--plateau-factor", "FACTOR", "plateau: what the learning rate is multiplied by",
            (training, text) => training with { PlateauFactor = Value.Number("--plateau-factor", text, 0, 1, mostIncluded: false) }, training => Value.Text(training.PlateauFactor)),
        new("--warmup", "UPDATES", "updates over which the learning rate rises from zero",
            (training, text) => training with { Warmup = Value.Whole("--warmup", text, 0) }, training => $"{training.Warmup}"),
        new("--clip", "SIZE", "clip gradients to this size; 0 = never",
            (training, text) => training with { Clip = Value.Number("--clip", text, 0) }, training => Value.Text(training.Clip)),
        new("--clip-by", "norm|value", "what --clip limits: the whole gradient's norm, or each of its elements",
            (training, text) => training with { ClipBy = Value.Choice<ClipKind>("--clip-by", text) }, training => Lower(training.ClipBy)),
        new("--weight-decay", "λ", "weight decay: added to gradients (sgd, adam), or apart from them, following the learning rate and sparing biases (adamw)",
            (training, text) => training with { WeightDecay = Value.Number("--weight-decay", text, 0) },
            training => Value.Text(training.WeightDecay)),
        new("--tail-average", "FRACTION", "measure and keep the mean of the weights over this last part of the run; 0 = the weights themselves",
            (training, text) => training with { TailAverage = Value.Number("--tail-average", text, 0, 1) }, training => Value.Text(training.TailAverage)),
        new("--dropout", "P", "probability of dropping each layer's outputs in training; 0 ≤ P < 1",
            (training, text) => training with { Dropout = Value.Number("--dropout", text, 0, 1, mostIncluded: false) }, training => Value.Text(training.Dropout)),
        new("--ngram-dropout", "P", "probability with which a position does without an n-gram's vector in training; 0 ≤ P < 1",
            (training, text) => training with { NgramDropout = Value.Number("--ngram-dropout", text, 0, 1, mostIncluded: false) }, training => Value.Text(training.NgramDropout)),
        new("--ngram-rate", "RATE", "the learning rate of n-grams' vectors",
            (training, text) => training with { NgramRate = Value.Number("--ngram-rate", text, 0) }, training => Value.Text(training.NgramRate)),
        new("--dropout-mask", "fresh|locked", "whether --dropout and --input-dropout draw a mask for every step, or one for all steps of a window",
            (training, text) => training with { DropoutMask = Value.Choice<DropoutMask>("--dropout-mask", text) }, training => Lower(training.DropoutMask)),
        new("--input-dropout", "P", "probability of dropping each element of an embedding vector, or with one-hot input a whole token; 0 ≤ P < 1",
            (training, text) => training with { InputDropout = Value.Number("--input-dropout", text, 0, 1, mostIncluded: false) },
            training => Value.Text(training.InputDropout)),
        new("--state-dropout", "P", "probability of dropping a hidden unit for all steps of a window (lstm and cifg only); 0 ≤ P < 1",
            (training, text) => training with { StateDropout = Value.Number("--state-dropout", text, 0, 1, mostIncluded: false) },
            training => Value.Text(training.StateDropout)),
        new("--memory", "TOKENS", "keep a memory of counts of the last so many tokens of the training text in the model file; 0 = none",
            (training, text) => training with { MemoryTokens = Value.Count("--memory", text, 0) }, training => $"{training.MemoryTokens}"),
        new("--softmax-sample", "N", "in training, compare the tokens of a window with each other and a sample of N others, instead of all tokens; 0 = with all",
            (training, text) => training with { SoftmaxSample = Value.Count("--softmax-sample", text, 0) }, training => $"{training.SoftmaxSample}"),
        new("--activation-penalty", "α", "penalty on large outputs of the last layer: α times their mean square",
            (training, text) => training with { ActivationPenalty = Value.Number("--activation-penalty", text, 0) }, training => Value.Text(training.ActivationPenalty)),
        new("--change-penalty", "β", "penalty on outputs of the last layer that change: β times the mean square of their change from step to step",
            (training, text) => training with { ChangePenalty = Value.Number("--change-penalty", text, 0) }, training => Value.Text(training.ChangePenalty)),
        new("--seed", "N", "equal seeds give equal models, to the bit",
            (training, text) => training with { Seed = Value.Seed("--seed", text) }, training => $"{training.Seed}"),
        new("--shards", "N", "parts of a minibatch whose gradients are added in a fixed tree, so that machines could share them: 1, 2, 4 …; another number, other bits",
            (training, text) => training with { Shards = Value.Count("--shards", text, 1) }, training => $"{training.Shards}"),
    ];

    private static string Lower<T>(T choice) where T : struct, Enum => choice.ToString().ToLowerInvariant();
}

// What suits a text and a time, as docs/training.md tells: how large a network, how many of them, how they are kept from learning the
// text by heart. The rules know the text's length, its vocabulary and the work that there is time for, and nothing of its content.
using Unroll.Kernels;
using Unroll.Model;

namespace Unroll.Training;

/// <summary>Chooses the options of a run.</summary>
internal static class RunAdvice
{
    // A network of which every recurrent number has seen so many tokens has had its due: a larger one learns more in the same time.
    private const double TokensPerParameter = 10;

    // One network learns more than two that share its time, until it would read the text so often that it knows it by heart.
    private const double MostPassesAlone = 25;

    // Of a shorter text too little is held back to weigh a memory on.
    private const long LeastForMemory = 20_000;

    // A model that goes on has less to learn than a fresh one, and something to lose.
    private const double RateFrom = 0.5, MostPassesFrom = 10;

    private const int BaseUnits = 256, VectorLength = 128, SoftmaxSample = 128, SoftmaxHead = 512, MostMembers = 8;

    private const int Rows = 16, Steps = 32; // of a window

    private static readonly int[] Units = [32, 64, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536];

    /// <summary>The work of a run without a time of its own: what some minutes of two cores can do.</summary>
    private const double NominalSpeed = 100_000, NominalSeconds = 150;

    private const int NominalThreads = 2;

    /// <summary>Whether there are so many different tokens that they get vectors: n-grams' own logits would then be too many, and the
    /// softmax of all of them most of the work.</summary>
    /// <param name="vocabularySize">V.</param>
    public static bool AreMany(int vocabularySize) => vocabularySize > 1000;

    /// <summary>A preset fitted to texts as different as there are: what they have in common is the same for all.</summary>
    public static IReadOnlyList<Preset> Examples(Preset preset) =>
    [
        For(preset, 5_000, 50, byFrequency: true, seconds: null, threads: 0, speed: null),
        For(preset, 1_000_000, 65, byFrequency: true, seconds: null, threads: 0, speed: null),
        For(preset, 1_000_000, 5_000, byFrequency: true, seconds: null, threads: 0, speed: null),
        For(preset, 1_000_000, 65, byFrequency: true, seconds: 3600, threads: 2, speed: null),
    ];

    /// <summary>The options for a text.</summary>
    /// <param name="preset">The settings that are fitted.</param>
    /// <param name="length">Tokens to learn from.</param>
    /// <param name="vocabularySize">V.</param>
    /// <param name="byFrequency">Whether the commonest tokens come first: only then can the others have shorter vectors.</param>
    /// <param name="seconds">How long the run may take; null = as long as the text deserves, within some minutes.</param>
    /// <param name="threads">Threads at work.</param>
    /// <param name="speed">Tokens a second that a thread trains a CIFG of 256 units on (<see cref="MachineSpeed"/>); null = any.</param>
    public static Preset For(Preset preset, long length, int vocabularySize, bool byFrequency, double? seconds, int threads, double? speed)
    {
        bool many = AreMany(vocabularySize);
        (threads, double work) = Work(seconds, threads, speed);
        ModelOptions model = preset.Model with
        {
            Cell = CellKind.Cifg,
            ForgetBias = -1,
            EmbeddingSize = many ? VectorLength : 0,
            InputNgrams = many ? 3 : 0,
            OutputNgrams = many ? 0 : 4,
            AdaptiveSoftmax = many && byFrequency ? SoftmaxHead : 0,
        };
        (int members, int units) = Networks(length, vocabularySize, work, threads, model);
        model = model with { HiddenSize = units };
        double passes = work / members / Cost(model, vocabularySize) / length;
        return preset with
        {
            Members = members,
            Passes = passes,
            Model = model,
            Training = Training(preset.Training, length, units, many, many && model.AdaptiveSoftmax == 0, passes) with { MemoryTokens = MemoryTokens(length, counted: 0, seconds, many) },
        };
    }

    /// <summary>The options for a text with which a model goes on: its shape is what it is, and it has learned already.</summary>
    /// <param name="preset">The settings that are fitted.</param>
    /// <param name="model">The model, with the text's new tokens.</param>
    /// <param name="length">Tokens to learn from.</param>
    /// <param name="seconds">How long the run may take; null = as long as it pays, within some minutes.</param>
    /// <param name="threads">Threads at work.</param>
    /// <param name="speed">As above.</param>
    public static Preset From(Preset preset, LanguageModel model, long length, double? seconds, int threads, double? speed)
    {
        int vocabularySize = model.Vocabulary.Count;
        bool many = AreMany(vocabularySize);
        (_, double work) = Work(seconds, threads, speed);
        double passes = work / model.Members.Sum(member => Cost(member.Options, vocabularySize)) / length;
        if (seconds is null)
            passes = Math.Min(passes, MostPassesFrom);
        TrainingOptions training = Training(preset.Training, length, model.Members.Max(member => member.Options.HiddenSize), many, model.Members.All(Samples), passes);
        return preset with
        {
            Members = model.Members.Count,
            Passes = passes,
            Model = model.Options,
            Text = model.Vocabulary.Text,
            Training = training with
            {
                LearningRate = Rounded(RateFrom * training.LearningRate),
                StateDropout = model.Members.All(member => Cells.ShapeOf(member.Options).Memory is not null) ? training.StateDropout : 0,
                MemoryTokens = MemoryTokens(length, model.MemoryTokens, seconds, many),
            },
        };

        bool Samples(LanguageModel member) => many && member.Options.OutputNgrams == 0 && member.Options.AdaptiveSoftmax == 0;
    }

    // What kind of network it is does not matter here; how large, how often it reads the text, and how many different tokens there are.
    private static TrainingOptions Training(TrainingOptions training, long length, int units, bool many, bool samples, double passes)
    {
        double doublings = Math.Max(0, Log2(passes / 3));
        (int batch, int steps) = Window(length);
        return training with
        {
            Batch = batch,
            SequenceLength = steps,
            LearningRate = Rounded((many ? 0.0036 : 0.010) * Functions.Exp(0.8 * Functions.Log((double)BaseUnits / units))),
            StateDropout = Rounded(Math.Min(0.4, (many ? 0.03 : 0.05) + 0.05 * doublings)),
            NgramDropout = Rounded(Math.Min(0.6, 0.25 + 0.05 * doublings)),
            SoftmaxSample = samples ? SoftmaxSample : 0,
            ActivationPenalty = many ? 1 : 2,
            Epochs = (int)Math.Clamp(Math.Round(passes), 1, 100),
        };
    }

    // In tokens of a network of 256 units and a small vocabulary; and on how many threads.
    private static (int Threads, double Work) Work(double? seconds, int threads, double? speed) => seconds is { } given
        ? (threads, 0.9 * given * threads * (speed ?? NominalSpeed))
        : (NominalThreads, 0.9 * NominalSeconds * NominalThreads * NominalSpeed);

    // The largest networks of which every number sees its tokens; of several, each gets its share of the work.
    private static (int Members, int Units) Networks(long length, int vocabularySize, double work, int threads, ModelOptions model)
    {
        for (int count = 1; ; count *= 2)
        {
            double share = work / count;
            int size = Units.LastOrDefault(units => share / Cost(Shape(units), vocabularySize) >= TokensPerParameter * Recurrent(Shape(units)), Units[0]);
            bool last = count == MostMembers || (2 * count) % Math.Min(2 * count, threads) != 0;
            if (last || share / Cost(Shape(size), vocabularySize) <= MostPassesAlone * length)
                return (count, size);
        }

        // Logits by n-gram are looked up, and count for nothing here.
        ModelOptions Shape(int units) => model with { HiddenSize = units, OutputNgrams = 0 };
    }

    // Numbers that every token's products read, and what else takes as long; the vectors by n-gram are looked up and count for nothing here.
    private static double Parameters(ModelOptions model, int vocabularySize)
    {
        int units = model.HiddenSize;
        if (!AreMany(vocabularySize) || model.OutputNgrams > 0)
            return Recurrent(model) + (double)vocabularySize * units;
        const double UpdateShare = 0.08; // what rearranging and moving a number after every window comes to
        if (model.AdaptiveSoftmax > 0)
        {
            const double OfClusters = 0.28; // beside the head's products
            IReadOnlyList<ParameterTensor> output = [.. Unroll.Parameters.Layout(model with { InputNgrams = 0 }, vocabularySize)
                .Where(tensor => tensor.Name.StartsWith("decoder.", StringComparison.Ordinal))];
            return Recurrent(model) + (1 + OfClusters) * output[0].Count + UpdateShare * (Recurrent(model) + output.Sum(tensor => tensor.Count));
        }
        // Of a sampled softmax a part of the tokens is multiplied with: a window's own and the sample. Their rows, and what all
        // tokens share, are updated after every window.
        const int TokensOfWindow = 300; // different ones, about
        double tokens = Math.Min(vocabularySize, TokensOfWindow + SoftmaxSample);
        return Recurrent(model) + tokens * units + UpdateShare * (Recurrent(model) + tokens * (units + model.EmbeddingSize));
    }

    // One-hot vectors are looked up.
    private static double Recurrent(ModelOptions model)
    {
        CellShape shape = Cells.ShapeOf(model);
        double units = model.HiddenSize, inputs = model.EmbeddingSize + (model.Layers - 1) * units;
        return units * (shape.Gates * inputs + shape.RecurrentGates * model.Layers * units);
    }

    // A token's work beside that of 256 units and 64 different tokens; a part of it does not grow with the network.
    private static double Cost(ModelOptions model, int vocabularySize) =>
        0.15 + 0.85 * Parameters(model, vocabularySize) / (3 * BaseUnits * BaseUnits + 64 * BaseUnits);

    private static (int Batch, int Steps) Window(long length)
    {
        const int LeastUpdatesPerPass = 20;
        int batch = Rows;
        while (batch > 1 && length / (batch * Steps) < LeastUpdatesPerPass)
            batch /= 2;
        return (batch, Steps);
    }

    // Counting takes some microseconds a token, more for many different ones, and is to take no more than a tenth of a budget.
    // What an earlier memory has counted comes on top, and has shown what it weighs.
    private static int MemoryTokens(long length, int counted, double? seconds, bool many) => length < LeastForMemory && counted == 0 ? 0
        : (int)Math.Min(TrainingOptions.MostMemoryTokens, Math.Min(2 * length + counted, (seconds ?? NominalSeconds) * (many ? 4500 : 50_000)));

    private static double Log2(double x) => Functions.Log(x) / Functions.Log(2);

    // Options are for people to read, and for a rerun to be typed.
    private static double Rounded(double x) => (double)Math.Round((decimal)x, x < 0.01 ? 4 : x < 0.1 ? 3 : 2);
}

using CsCheck;
using Xunit;

namespace Unroll.Tests.Checkpoints;

public class RoundTripTests
{
    private static readonly Gen<ModelOptions> Options =
        from cell in Gen.Enum<CellKind>()
        from sizes in Gen.Select(Gen.Int[1, 5], Gen.Int[1, 3], Gen.Int[0, 4])
        from activation in Gen.Enum<Activation>()
        from reset in Gen.Enum<ResetGate>()
        from initialization in Gen.Enum<Initialization>()
        from bias in Gen.Enum<Biases>()
        from tie in Gen.Bool
        select new ModelOptions
        {
            Cell = cell,
            HiddenSize = sizes.Item1,
            Layers = sizes.Item2,
            EmbeddingSize = tie ? sizes.Item1 : sizes.Item3,
            Activation = activation,
            ResetGate = reset,
            Initialization = initialization,
            Biases = cell == CellKind.Gru && reset == ResetGate.After ? Biases.Two : bias,
            TieWeights = tie,
        };

    private static readonly Gen<TextOptions> Texts =
        from tokens in Gen.Enum<TokenKind>()
        from clean in Gen.Enum<Cleaning>()
        select new TextOptions { Tokens = tokens, Clean = clean };

    private static readonly Gen<CorpusOptions> Parts =
        from maxTokens in Gen.Long[0, long.MaxValue]
        from minCount in Gen.Int[0, int.MaxValue]
        from validation in Gen.Double[0, 0.999]
        from vocabulary in Gen.Int[256, 65_536]
        select new CorpusOptions { MaxTokens = maxTokens, MinCount = minCount, Validation = validation, VocabularySize = vocabulary > 256 ? vocabulary : null };

    private static readonly Gen<string> ScalarValue = Gen.Int[0, 0x10ffff].Where(value => value is < 0xd800 or > 0xdfff).Select(char.ConvertFromUtf32);

    private static readonly Gen<string[]> TokenLists = Gen.OneOf(ScalarValue, ScalarValue.Array[0, 5].Select(string.Concat))
        .Array[0, 30].Select(tokens => tokens.Prepend(Vocabulary.UnknownToken).Distinct().ToArray());

    private static readonly Gen<double> FiniteDouble = Gen.Double.Where(double.IsFinite);

    private static readonly Gen<TrainingSummary> Summaries =
        from counts in Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue])
        from loss in FiniteDouble
        from validation in Gen.OneOf(Gen.Const((double?)null), FiniteDouble.Select(value => (double?)value))
        from seed in Gen.ULong
        from corpus in Parts
        from training in Gen.Select(Gen.Enum<Schedule>(), Gen.Double[1e-9, 1e9], Gen.Long[1, TimeSpan.MaxValue.Ticks], Gen.Bool)
        select new TrainingSummary
        {
            Training = new() { Schedule = training.Item1, LearningRate = training.Item2, Budget = training.Item4 ? TimeSpan.FromTicks(training.Item3) : null, Shards = 8 },
            Corpus = corpus,
            Fingerprint = training.Item4 ? "0123" : null,
            Epochs = counts.Item1,
            Updates = counts.Item2,
            Tokens = counts.Item3,
            TrainingLoss = loss,
            ValidationLoss = validation,
            Seed = seed,
        };

    [Fact]
    public void EverythingComesBack()
    {
        using var folder = new TemporaryFolder();
        string path = folder["model.safetensors"];
        Gen.Select(Options, Texts, TokenLists, Summaries, Gen.ULong).Sample(
            (options, text, tokens, summary, seed) =>
            {
                if (text.Tokens == TokenKind.Bpe)
                    tokens = [.. Vocabulary.Build([.. tokens, .. tokens], text).Tokens];
                LanguageModel model = TestModels.Create(options, tokens, text, seed);
                Checkpoint.Write(path, new Checkpoint(model, summary));
                byte[] bytes = File.ReadAllBytes(path);
                Checkpoint read = Checkpoint.Read(path);

                Assert.Equal(options, read.Model.Options);
                Assert.Equal(text, read.Model.Vocabulary.Text);
                Assert.Equal(tokens, read.Model.Vocabulary.Tokens);
                Assert.Equal(summary, read.Summary);
                Assert.Null(read.Training);
                Assert.Equal(model.Parameters.Tensors, read.Model.Parameters.Tensors);
                Assert.True(model.Parameters.Values.SequenceEqual(read.Model.Parameters.Values));

                Checkpoint.Write(path, read);
                Assert.Equal(bytes, File.ReadAllBytes(path));
            },
            iter: 200, threads: 1);
    }

    [Fact]
    public void TheStateOfARunComesBack()
    {
        Checkpoint written = TestModels.CreateCheckpoint();

        Checkpoint read = TestModels.Read(written.Bytes());

        Assert.NotNull(read.Training);
        Assert.Equal(written.Training!.Json, read.Training.Json);
        Assert.Equal(["empty", "moment1", "moment2"], read.Training.Tensors.Keys.Order());
        foreach ((string name, float[] values) in written.Training.Tensors)
            Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), read.Training.Tensors[name].Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void EveryFiniteFloatComesBackToTheBit()
    {
        float[] special = [0f, -0f, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue, 1.17549435e-38f, 0.1f];
        LanguageModel model = TestModels.Create(new ModelOptions { Cell = CellKind.Rnn, HiddenSize = 2 });
        special.CopyTo(model.Parameters.Values);

        LanguageModel read = TestModels.Read(new Checkpoint(model).Bytes()).Model;

        Assert.Equal(special.Select(BitConverter.SingleToInt32Bits), read.Parameters.Values[..special.Length].ToArray().Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void SaveAndLoadStandOnTheModel()
    {
        using var folder = new TemporaryFolder();
        LanguageModel model = TestModels.Create(new ModelOptions { HiddenSize = 2 });

        model.Save(folder["model.safetensors"]);

        LanguageModel read = LanguageModel.Load(folder["model.safetensors"]);
        Assert.True(model.Parameters.Values.SequenceEqual(read.Parameters.Values));
        Assert.Equal(["model.safetensors"], folder.Files);
    }

    [Fact]
    public void TensorsOfMoreThanOnePieceComeBack()
    {
        // Matrices of 1.2 million floats: more than is read or written at a time, or compared with the embedding.
        string[] tokens = [.. Enumerable.Range(0, 1100).Select(id => id == 0 ? Vocabulary.UnknownToken : $"{id}")];
        var options = new ModelOptions { Cell = CellKind.Rnn, HiddenSize = 1100, EmbeddingSize = 1100, TieWeights = true };
        LanguageModel model = TestModels.Create(options, tokens);
        Assert.All(model.Parameters.Tensors.Where(tensor => !tensor.IsVector), tensor => Assert.True(tensor.Count > 1 << 20));
        using var folder = new TemporaryFolder();

        model.Save(folder["model.safetensors"]);

        Assert.True(model.Parameters.Values.SequenceEqual(LanguageModel.Load(folder["model.safetensors"]).Parameters.Values));
    }

    [Fact]
    public void EqualCheckpointsGiveEqualBytes()
    {
        Checkpoint one = TestModels.CreateCheckpoint(), other = TestModels.CreateCheckpoint();
        TrainingSnapshot reordered = new(other.Training!.Json, other.Training.Tensors.Reverse().ToDictionary());

        Assert.Equal(one.Bytes(), (other with { Training = reordered }).Bytes());
    }

    [Fact]
    public void BytesDoNotDependOnTheCulture()
    {
        byte[] expected = TestModels.CreateCheckpoint().Bytes();
        System.Globalization.CultureInfo before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            var commas = (System.Globalization.CultureInfo)System.Globalization.CultureInfo.InvariantCulture.Clone();
            commas.NumberFormat.NumberDecimalSeparator = ",";
            commas.NumberFormat.NegativeSign = "~";
            System.Globalization.CultureInfo.CurrentCulture = commas;
            byte[] bytes = TestModels.CreateCheckpoint().Bytes();
            Assert.Equal(expected, bytes);
            Assert.Equal(0.1, TestModels.Read(bytes).Summary!.ValidationLoss);
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }
}

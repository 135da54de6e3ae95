using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Unroll.Model;
using Unroll.Onnx;
using Xunit;

namespace Unroll.Tests.Onnx;

/// <summary>ONNX Runtime reads what is written, and predicts the same.</summary>
public class OnnxFileTests
{
    private const string Text = "the cat and the hat and the rat, and then the cat sat.\nthat is all that the cat and the rat did.\n";

    public static TheoryData<string> All => [.. Variants.Keys];

    private static readonly Dictionary<string, ModelOptions[]> Variants = new()
    {
        ["rnn"] = [new ModelOptions { Cell = CellKind.Rnn }],
        ["rnn, relu, one bias"] = [new ModelOptions { Cell = CellKind.Rnn, Activation = Activation.Relu, Biases = Biases.One }],
        ["gru"] = [new ModelOptions { Cell = CellKind.Gru }],
        ["gru, reset before, two layers"] = [new ModelOptions { Cell = CellKind.Gru, ResetGate = ResetGate.Before, Biases = Biases.One, Layers = 2 }],
        ["lstm, two layers"] = [new ModelOptions { Layers = 2 }],
        ["lstm, embedding, tied"] = [new ModelOptions { EmbeddingSize = 24, TieWeights = true }],
        ["cifg, one bias"] = [new ModelOptions { Cell = CellKind.Cifg, Biases = Biases.One, EmbeddingSize = 6 }],
        ["cifg, three layers"] = [new ModelOptions { Cell = CellKind.Cifg, Layers = 3 }],
        ["n-grams of inputs and outputs"] = [new ModelOptions { EmbeddingSize = 8, InputNgrams = 3, OutputNgrams = 4 }],
        ["n-grams of outputs"] = [new ModelOptions { Cell = CellKind.Gru, OutputNgrams = 2 }],
        ["adaptive softmax"] = [new ModelOptions { AdaptiveSoftmax = 32, Layers = 2 }],
        ["several networks"] = [new ModelOptions { EmbeddingSize = 8, InputNgrams = 2 }, new ModelOptions { Cell = CellKind.Rnn, Layers = 2 }, new ModelOptions { OutputNgrams = 5 }],
    };

    [Theory]
    [MemberData(nameof(All))]
    public void It_predicts_what_the_model_does(string variant) => Compare(Create(Variants[variant], new TextOptions()));

    [Fact]
    public void A_document_begins_with_zeros_and_the_mark_and_no_n_gram_reaches_beyond_it()
    {
        LanguageModel model = Create([new ModelOptions { EmbeddingSize = 8, InputNgrams = 4, OutputNgrams = 3 }], new TextOptions { Documents = DocumentKind.Line });
        int mark = model.Vocabulary.EndId!.Value;
        Compare(model, line => [mark, .. model.Vocabulary.Encode(line.Replace("\n", "", StringComparison.Ordinal))]);
    }

    [Fact]
    public void The_metadata_says_what_the_numbers_mean()
    {
        LanguageModel model = Create([new ModelOptions()], new TextOptions());
        using InferenceSession session = Open(model);
        Dictionary<string, string> metadata = session.ModelMetadata.CustomMetadataMap;
        Assert.Equal(model.Vocabulary.Tokens, JsonSerializer.Deserialize<string[]>(metadata["vocabulary"])!);
        Assert.Contains("\"cell\":\"lstm\"", metadata["options"], StringComparison.Ordinal);
        Assert.Contains("\"tokens\":\"character\"", metadata["text"], StringComparison.Ordinal);
        Assert.Equal("Unroll", session.ModelMetadata.ProducerName);
    }

    [Fact]
    public void The_same_model_gives_the_same_bytes_and_a_file_is_whole_or_not_there()
    {
        LanguageModel model = Create([new ModelOptions()], new TextOptions());
        using var folder = new TemporaryFolder();
        OnnxFile.Write(model, folder["model.onnx"]);
        using var stream = new MemoryStream();
        OnnxFile.Write(model, stream);
        Assert.Equal(stream.ToArray(), File.ReadAllBytes(folder["model.onnx"]));
        Assert.Contains("missing", Assert.Throws<UnrollException>(() => OnnxFile.Write(model, folder["missing/model.onnx"])).Message, StringComparison.Ordinal);
    }

    // Two texts side by side, in pieces of several lengths: each position of each against the model's own predictor.
    private static void Compare(LanguageModel model, Func<string, int[]>? encode = null)
    {
        encode ??= model.Vocabulary.Encode;
        using InferenceSession session = Open(model);
        int[][] texts = [encode(Text), encode(new string([.. Text.Reverse()]))];
        Dictionary<string, DenseTensor<float>> states = session.InputMetadata.Where(input => input.Key is not ("ids" or "recent"))
            .ToDictionary(input => input.Key, input => new DenseTensor<float>([input.Value.Dimensions[0], 2, input.Value.Dimensions[2]]));
        DenseTensor<long>? recent = session.InputMetadata.TryGetValue("recent", out NodeMetadata? looksBack) ? new DenseTensor<long>([2, looksBack.Dimensions[1]]) : null;
        recent?.Fill(-1);
        using Predictor first = Predictor.For(model, new EngineOptions { Rows = 1, Steps = 1 }), second = Predictor.For(model, new EngineOptions { Rows = 1, Steps = 1 });
        float[] expected = new float[model.Vocabulary.Count];
        double most = 0;
        int start = 0;
        foreach (int steps in (int[])[1, 2, 1, 30, 3, 40])
        {
            var ids = new DenseTensor<long>([2, steps]);
            for (int row = 0; row < 2; row++)
                for (int step = 0; step < steps; step++)
                    ids[row, step] = texts[row][start + step];
            List<NamedOnnxValue> inputs = [NamedOnnxValue.CreateFromTensor("ids", ids), .. states.Select(state => NamedOnnxValue.CreateFromTensor(state.Key, state.Value))];
            if (recent is not null)
                inputs.Add(NamedOnnxValue.CreateFromTensor("recent", recent));
            using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run(inputs);
            Tensor<float> said = outputs.Single(output => output.Name == "log_probabilities").AsTensor<float>();
            Assert.Equal([2, steps, expected.Length], said.Dimensions);
            for (int step = 0; step < steps; step++)
            {
                foreach ((Predictor predictor, int row) in ((Predictor, int)[])[(first, 0), (second, 1)])
                {
                    predictor.Feed(1, [texts[row][start + step]]);
                    predictor.Predict(expected);
                    for (int token = 0; token < expected.Length; token++)
                        most = Math.Max(most, Math.Abs(expected[token] - said[row, step, token]));
                }
            }
            foreach (string name in states.Keys)
                states[name] = outputs.Single(output => output.Name == $"next_{name}").AsTensor<float>().ToDenseTensor();
            recent = recent is null ? null : outputs.Single(output => output.Name == "next_recent").AsTensor<long>().ToDenseTensor();
            start += steps;
        }
        Assert.InRange(most, 0, 1e-4);
    }

    private static InferenceSession Open(LanguageModel model)
    {
        using var stream = new MemoryStream();
        OnnxFile.Write(model, stream);
        return new InferenceSession(stream.ToArray());
    }

    private static LanguageModel Create(ModelOptions[] networks, TextOptions text)
    {
        bool isLarge = networks[0].AdaptiveSoftmax > 0;
        // More characters than a head has, where one is wanted.
        string letters = isLarge ? Text + new string([.. Enumerable.Range(0x4e00, 300).SelectMany(letter => Enumerable.Repeat((char)letter, 2))]) : Text;
        using Corpus corpus = Corpus.Load(TextSource.FromString(letters), text);
        LanguageModel[] models = [.. networks.Select((options, seed) => LanguageModel.Create(corpus, options with { HiddenSize = 24 }, (ulong)seed + 1))];
        var random = new Random(1);
        foreach (LanguageModel model in models)
            foreach (ref float value in model.Parameters.Values)
                value = value * 2 + random.NextSingle() * 0.4f - 0.2f;
        return LanguageModel.Average(models);
    }
}

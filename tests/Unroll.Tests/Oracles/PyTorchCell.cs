using System.Text.Json;
using System.Text.Json.Serialization;
using Unroll.Options;
using Unroll.Tests.Architecture;
using Unroll.Tests.Model;
using Xunit;

namespace Unroll.Tests.Oracles;

/// <summary>A small model as PyTorch computed it in double precision (cells.py wrote cells.json).</summary>
internal sealed record PyTorchCell(
    string Name, ModelOptions Options, int Vocabulary, int Batch, int Steps, int[] Inputs, int[] Targets, float[][] State,
    Dictionary<string, float[]> Parameters, double[] Logits, double[] Losses, double Loss, double[][] LastState,
    Dictionary<string, double[]> Gradients, PyTorchUpdates[] Updates)
{
    private static readonly PyTorchNumbers Numbers = Read();

    public static IReadOnlyList<PyTorchCell> All => Numbers.Cases;

    public static IReadOnlyList<PyTorchRegularised> Regularised => Numbers.Regularised;

    public static IReadOnlyList<PyTorchCrossEntropy> CrossEntropies => Numbers.CrossEntropy;

    public static TheoryData<string> Names => [.. All.Select(cell => cell.Name)];

    public static PyTorchCell Find(string name) => All.Single(cell => cell.Name == name);

    /// <summary>The model with PyTorch's parameters; every tensor must be there, under its name, and no other.</summary>
    public LanguageModel Model() => ModelOf(Options, Vocabulary, Parameters);

    /// <summary>The state before the first step.</summary>
    public RecurrentState StartState() => StateOf(Options, Batch, State);

    internal static LanguageModel ModelOf(ModelOptions options, int vocabulary, Dictionary<string, float[]> tensors)
    {
        var model = new LanguageModel(ModelCase.VocabularyOf(vocabulary), options);
        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), model.Parameters.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
        foreach ((string name, float[] values) in tensors)
            values.CopyTo(model.Parameters[name]);
        return model;
    }

    internal static RecurrentState StateOf(ModelOptions options, int batch, float[][] values)
    {
        var state = new RecurrentState(options, batch);
        for (int i = 0; i < values.Length; i++)
            values[i].CopyTo(i < state.Layers ? state.Hidden(i) : state.Cell(i - state.Layers));
        return state;
    }

    private static PyTorchNumbers Read()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Converters = { new OptionsConverter<ModelOptions>(ModelOptions.Pass), new OptionsConverter<TrainingOptions>(TrainingOptions.Pass) },
        };
        return JsonSerializer.Deserialize<PyTorchNumbers>(File.ReadAllText(Repository.Path("tests", "Unroll.Tests", "Oracles", "cells.json")), options)!;
    }

    // The script calls options what a model file does.
    private sealed class OptionsConverter<T>(Func<T, OptionsPass, T> pass) : JsonConverter<T> where T : class, new()
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return OptionsReader.Read(document.RootElement.GetRawText(), pass);
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => OptionsWriter.Write(writer, value, pass);
    }

    private sealed record PyTorchNumbers(PyTorchCell[] Cases, PyTorchRegularised[] Regularised, PyTorchCrossEntropy[] CrossEntropy);
}

/// <summary>A window of training with dropout, whose masks the script drew by itself.</summary>
internal sealed record PyTorchRegularised(
    string Name, ModelOptions Options, TrainingOptions Training, ulong Seed, ulong Update, int Vocabulary, int Batch, int Steps, int[] Inputs, int[] Targets,
    float[][] State, Dictionary<string, float[]> Parameters, double Loss, double[][] LastState, Dictionary<string, double[]> Gradients)
{
    public static TheoryData<string> Names => [.. PyTorchCell.Regularised.Select(window => window.Name)];

    public static PyTorchRegularised Find(string name) => PyTorchCell.Regularised.Single(window => window.Name == name);

    public LanguageModel Model() => PyTorchCell.ModelOf(Options, Vocabulary, Parameters);

    public RecurrentState StartState() => PyTorchCell.StateOf(Options, Batch, State);
}

/// <summary>Three updates on one minibatch: the settings, the gradient's norm before each, the parameters after the third.</summary>
internal sealed record PyTorchUpdates(
    string Optimizer, double Lr, double Clip, double WeightDecay, double[] Norms, Dictionary<string, double[]> Parameters);

/// <summary>One prediction's cross-entropy and its gradient by the logits.</summary>
internal sealed record PyTorchCrossEntropy(double[] Logits, int Target, double Loss, double[] Gradient);

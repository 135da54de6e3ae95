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

    public static IReadOnlyList<PyTorchCrossEntropy> CrossEntropies => Numbers.CrossEntropy;

    public static TheoryData<string> Names => [.. All.Select(cell => cell.Name)];

    public static PyTorchCell Find(string name) => All.Single(cell => cell.Name == name);

    /// <summary>The model with PyTorch's parameters; every tensor must be there, under its name, and no other.</summary>
    public LanguageModel Model()
    {
        var model = new LanguageModel(ModelCase.VocabularyOf(Vocabulary), Options);
        global::Unroll.Parameters parameters = model.Parameters;
        Assert.Equal(Parameters.Keys.Order(StringComparer.Ordinal), parameters.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
        foreach ((string name, float[] values) in Parameters)
            values.CopyTo(parameters[name]);
        return model;
    }

    /// <summary>The state before the first step.</summary>
    public RecurrentState StartState()
    {
        var state = new RecurrentState(Options, Batch);
        for (int i = 0; i < State.Length; i++)
            State[i].CopyTo(i < state.Layers ? state.Hidden(i) : state.Cell(i - state.Layers));
        return state;
    }

    private static PyTorchNumbers Read()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Converters = { new OptionsConverter() } };
        return JsonSerializer.Deserialize<PyTorchNumbers>(File.ReadAllText(Repository.Path("tests", "Unroll.Tests", "Oracles", "cells.json")), options)!;
    }

    // The script calls options what a model file does.
    private sealed class OptionsConverter : JsonConverter<ModelOptions>
    {
        public override ModelOptions Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return OptionsReader.Read<ModelOptions>(document.RootElement.GetRawText(), ModelOptions.Pass);
        }

        public override void Write(Utf8JsonWriter writer, ModelOptions value, JsonSerializerOptions options) => OptionsWriter.Write(writer, value, ModelOptions.Pass);
    }

    private sealed record PyTorchNumbers(PyTorchCell[] Cases, PyTorchCrossEntropy[] CrossEntropy);
}

/// <summary>Three updates on one minibatch: the settings, the gradient's norm before each, the parameters after the third.</summary>
internal sealed record PyTorchUpdates(
    string Optimizer, double Lr, double Clip, double WeightDecay, double[] Norms, Dictionary<string, double[]> Parameters);

/// <summary>One prediction's cross-entropy and its gradient by the logits.</summary>
internal sealed record PyTorchCrossEntropy(double[] Logits, int Target, double Loss, double[] Gradient);

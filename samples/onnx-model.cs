#:package Microsoft.ML.OnnxRuntime
#:property TargetFramework=net10.0
// A model that `unroll export --onnx` wrote, without Unroll: reads a prefix, then writes the likeliest characters one by one, the states
// going from call to call.
//   unroll export model.safetensors --onnx model.onnx
//   dotnet run samples/onnx-model.cs -- model.onnx "time traveller"
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

using var session = new InferenceSession(args[0]);
string prefix = args.Length > 1 ? args[1] : "the ";
string[] vocabulary = JsonSerializer.Deserialize(session.ModelMetadata.CustomMetadataMap["vocabulary"], Names.Default.StringArray)!;

// Everything but the tokens is state: zeros at first, or -1 for tokens that there are not.
Dictionary<string, NamedOnnxValue> state = session.InputMetadata.Where(input => input.Key != "ids").ToDictionary(input => input.Key, input =>
{
    int[] shape = [.. input.Value.Dimensions.Select(length => Math.Max(1, length))]; // one text: the free dimension is 1
    if (input.Key != "recent")
        return NamedOnnxValue.CreateFromTensor(input.Key, new DenseTensor<float>(shape));
    var none = new DenseTensor<long>(shape);
    none.Fill(-1);
    return NamedOnnxValue.CreateFromTensor(input.Key, none);
});

long[] ids = [.. prefix.EnumerateRunes().Select(character => (long)Array.IndexOf(vocabulary, character.ToString())).Where(id => id >= 0)];
Console.Write(prefix);
for (int i = 0; i < 100; i++)
{
    var inputs = new List<NamedOnnxValue>(state.Values) { NamedOnnxValue.CreateFromTensor("ids", new DenseTensor<long>(ids, [1, ids.Length])) };
    using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> outputs = session.Run(inputs);
    Tensor<float> said = outputs.First(output => output.Name == "log_probabilities").AsTensor<float>();
    int next = Enumerable.Range(1, vocabulary.Length - 1).MaxBy(id => said[0, ids.Length - 1, id]); // 0 is what the model does not know
    foreach (DisposableNamedOnnxValue output in outputs.Where(output => output.Name.StartsWith("next_", StringComparison.Ordinal)))
    {
        string name = output.Name["next_".Length..];
        state[name] = output.Value is Tensor<float> values
            ? NamedOnnxValue.CreateFromTensor(name, values.ToDenseTensor())
            : NamedOnnxValue.CreateFromTensor(name, output.AsTensor<long>().ToDenseTensor());
    }
    Console.Write(vocabulary[next]);
    ids = [next];
}
Console.WriteLine();

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class Names : System.Text.Json.Serialization.JsonSerializerContext;

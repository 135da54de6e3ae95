using System.Runtime.InteropServices;
using Google.Protobuf;
using Unroll.Onnx.Format;
using ElementType = Unroll.Onnx.Format.TensorProto.Types.DataType;
using Kind = Unroll.Onnx.Format.AttributeProto.Types.AttributeType;

namespace Unroll.Onnx;

/// <summary>A graph under construction. A value is known by its name; what makes one returns it.</summary>
internal sealed class Graph
{
    private readonly GraphProto graph = new() { Name = "unroll" };
    private readonly Dictionary<string, string> constants = [];
    private int names;

    /// <summary>The graph.</summary>
    public GraphProto Proto => graph;

    /// <summary>What the caller gives; a dimension is a number, or a name where it is free.</summary>
    public string Input(string name, bool isWhole, params IReadOnlyList<object> shape)
    {
        graph.Input.Add(Value(name, isWhole, shape));
        return name;
    }

    /// <summary>What the caller gets.</summary>
    public void Output(string name, string value, bool isWhole, params IReadOnlyList<object> shape)
    {
        graph.Output.Add(Value(name, isWhole, shape));
        graph.Node.Add(new NodeProto { OpType = "Identity", Name = $"out_{name}", Input = { value }, Output = { name } });
    }

    /// <summary>Fractions of the model.</summary>
    public string Weights(string name, ReadOnlySpan<float> values, params IReadOnlyList<long> shape) =>
        Add(name, ElementType.Float, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Whole numbers of the model.</summary>
    public string Numbers(string name, ReadOnlySpan<long> values) => Add(name, ElementType.Int64, MemoryMarshal.AsBytes(values), [values.Length]);

    /// <summary>A list of whole numbers, such as axes; the same list is one value.</summary>
    public string List(params ReadOnlySpan<long> values)
    {
        string name = $"list_{string.Join('_', values.ToArray())}".Replace('-', 'm');
        return constants.TryGetValue(name, out string? known) ? known : constants[name] = Numbers(name, values);
    }

    /// <summary>One whole number; the same number is one value.</summary>
    public string Number(long value)
    {
        string name = $"number_{value}".Replace('-', 'm');
        return constants.TryGetValue(name, out string? known) ? known : constants[name] = Add(name, ElementType.Int64, MemoryMarshal.AsBytes([value]), []);
    }

    /// <summary>What an operator of one result makes of values.</summary>
    public string Of(string operation, params ReadOnlySpan<string> inputs) => Of(operation, [], inputs);

    /// <summary>The same with attributes: whole numbers, lists of them, or texts.</summary>
    public string Of(string operation, ReadOnlySpan<(string Name, object Value)> attributes, params ReadOnlySpan<string> inputs) => Node(operation, 1, attributes, inputs)[0];

    /// <summary>What an operator of several results makes of values; an empty name is a value that is left out.</summary>
    public string[] Node(string operation, int results, ReadOnlySpan<(string Name, object Value)> attributes, params ReadOnlySpan<string> inputs)
    {
        int number = names++;
        var node = new NodeProto { OpType = operation, Name = $"{operation}_{number}" };
        foreach (string input in inputs)
            node.Input.Add(input);
        for (int result = 0; result < results; result++)
            node.Output.Add($"{operation}_{number}_{result}");
        foreach ((string name, object value) in attributes)
            node.Attribute.Add(Attribute(name, value));
        graph.Node.Add(node);
        return [.. node.Output];
    }

    private string Add(string name, ElementType type, ReadOnlySpan<byte> bytes, IReadOnlyList<long> shape)
    {
        graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)type, Dims = { shape }, RawData = ByteString.CopyFrom(bytes) });
        return name;
    }

    private static AttributeProto Attribute(string name, object value) => value switch
    {
        int number => new AttributeProto { Name = name, Type = Kind.Int, I = number },
        long[] numbers => new AttributeProto { Name = name, Type = Kind.Ints, Ints = { numbers } },
        string[] texts => new AttributeProto { Name = name, Type = Kind.Strings, Strings = { texts.Select(ByteString.CopyFromUtf8) } },
        _ => throw new ArgumentException($"An attribute is no {value.GetType()}.", nameof(value)),
    };

    private static ValueInfoProto Value(string name, bool isWhole, IReadOnlyList<object> shape)
    {
        var dimensions = new TensorShapeProto();
        foreach (object dimension in shape)
            dimensions.Dim.Add(dimension is int number ? new TensorShapeProto.Types.Dimension { DimValue = number } : new TensorShapeProto.Types.Dimension { DimParam = (string)dimension });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)(isWhole ? ElementType.Int64 : ElementType.Float), Shape = dimensions } } };
    }
}

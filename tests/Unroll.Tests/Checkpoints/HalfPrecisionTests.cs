using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>Tensors of 16-bit numbers, as other programs like to write them, become 32-bit ones.</summary>
public class HalfPrecisionTests
{
    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void EveryTensorIsWidened(string type)
    {
        LanguageModel model = TestModels.Create(new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 3, EmbeddingSize = 3, TieWeights = true, Biases = Biases.One });
        // Halves and quarters are the same number in all three.
        foreach (ref float value in model.Parameters.Values)
            value = MathF.Round(8 * value) / 4;
        Assert.Contains(-0.75f, model.Parameters.Values.ToArray());

        LanguageModel read = TestModels.Read(Narrow(new Checkpoint(model).Bytes(), type)).Model;

        Assert.Equal(model.Parameters.Values.ToArray(), read.Parameters.Values.ToArray());
    }

    [Theory]
    [InlineData("F16", 0x7C00)]
    [InlineData("F16", 0x7E00)]
    [InlineData("BF16", 0x7F80)]
    [InlineData("BF16", 0x7FC0)]
    public void WhatIsNotFiniteIsRefused(string type, int bits)
    {
        byte[] file = Narrow(new Checkpoint(TestModels.Create(new ModelOptions { HiddenSize = 2 })).Bytes(), type);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(^2), (ushort)bits);
        Assert.Contains("\"decoder.bias\" holds NaN or infinity", Assert.Throws<ModelFileException>(() => TestModels.Read(file)).Message);
    }

    private static byte[] Narrow(byte[] file, string type)
    {
        byte[] data = new byte[ForgedFile.Data(file).Length / 2];
        for (int i = 0; i < data.Length / 2; i++)
        {
            float value = BinaryPrimitives.ReadSingleLittleEndian(ForgedFile.Data(file)[(4 * i)..]);
            if (type == "F16")
                BinaryPrimitives.WriteHalfLittleEndian(data.AsSpan(2 * i), (Half)value);
            else
                BinaryPrimitives.WriteInt16LittleEndian(data.AsSpan(2 * i), (short)(BitConverter.SingleToInt32Bits(value) >> 16));
        }
        byte[] edited = ForgedFile.EditHeader(file, header =>
        {
            foreach ((_, JsonNode? tensor) in header.Where(entry => entry.Key != "__metadata__"))
            {
                tensor!["dtype"] = type;
                JsonArray offsets = tensor["data_offsets"]!.AsArray();
                tensor["data_offsets"] = new JsonArray(offsets[0]!.GetValue<long>() / 2, offsets[1]!.GetValue<long>() / 2);
            }
        });
        return ForgedFile.Make(ForgedFile.Header(edited), data);
    }
}

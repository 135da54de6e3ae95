using Unroll.Tests.Architecture;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>`unroll import`: files from PyTorch.</summary>
public class ImportTests
{
    private static string Oracle(string file) => Repository.Path("tests", "Unroll.Tests", "Oracles", "import_model", file);

    [Fact]
    public void A_file_from_PyTorch_becomes_a_model_that_speaks()
    {
        using var folder = new TemporaryFolder();
        UnrollOutput table = UnrollProcess.Run(folder.Path, "import", Oracle("lstm-one-hot.safetensors"), "--vocabulary", Oracle("lstm-one-hot.json")).Succeeded();
        Assert.Matches("(?m)^model +LSTM, 1 layer of 7 units, one-hot input, two biases a gate$", table.Out);
        Assert.Matches("(?m)^vocabulary +27 tokens, with <unk> added for unknown ones$", table.Out);
        Assert.Matches("(?m)^taken +lstm as rnn, fc as decoder$", table.Out);
        Assert.Empty(table.Error);
        Assert.Equal(["model.safetensors"], folder.Files);
        Assert.Matches("(?m)^model +LSTM, 1 layer of 7 units, one-hot input, two biases a gate$", UnrollProcess.Run(folder.Path, "inspect", "model.safetensors").Succeeded().Out);
        Assert.StartsWith("the ", UnrollProcess.Run(folder.Path, "generate", "model.safetensors", "--prefix", "the ", "--length", "9").Succeeded().Out);

        UnrollOutput json = UnrollProcess.Run(folder.Path, "import", Oracle("rnn-relu-bare-bf16.safetensors"), "--vocabulary", Oracle("rnn-relu-bare-bf16.json"), "--activation", "relu", "--out", "b.safetensors", "--json").Succeeded();
        Assert.Equal("b.safetensors", json.Json.GetProperty("model").GetString());
        Assert.Equal("relu", json.Json.GetProperty("options").GetProperty("activation").GetString());
        Assert.Equal("character", json.Json.GetProperty("text").GetProperty("tokens").GetString());
        Assert.False(json.Json.GetProperty("hadUnknown").GetBoolean());
        Assert.Equal(27, json.Json.GetProperty("vocabulary").GetInt32());
        Assert.Contains(json.Json.GetProperty("tensors").EnumerateArray(), tensor =>
            (tensor.GetProperty("name").GetString(), tensor.GetProperty("from").GetString()) == ("rnn.weight_hh_l0", "net.rnn.weight_hh_l0"));
    }

    [Fact]
    public void What_is_there_stays_and_nothing_is_half_written()
    {
        using var folder = new TemporaryFolder();
        folder.Write("model.safetensors", "mine");
        UnrollOutput there = UnrollProcess.Run(folder.Path, "import", Oracle("lstm-one-hot.safetensors"), "--vocabulary", Oracle("lstm-one-hot.json"));
        Assert.Equal((1, "unroll: model.safetensors is there already and stays as it is; name another file with --out.\n"), (there.ExitCode, there.Error));
        Assert.Equal("mine", File.ReadAllText(folder["model.safetensors"]));

        UnrollOutput nameless = UnrollProcess.Run(folder.Path, "import", Oracle("lstm-one-hot.safetensors"), "--out", "b.safetensors");
        Assert.Equal(1, nameless.ExitCode);
        Assert.Matches("^unroll: \".*\" has no vocabulary in its metadata: name a file with --vocabulary, .*\\.\n$", nameless.Error);
        UnrollOutput other = UnrollProcess.Run(folder.Path, "import", Oracle("lstm-one-hot.safetensors"), "--vocabulary", Oracle("lstm-one-hot.json"), "--out", "b.safetensors", "--reset-gate", "before");
        Assert.Equal((1, "unroll: --reset-gate before does not go with the file, whose tensors are those of an LSTM.\n"), (other.ExitCode, other.Error));
        Assert.Equal(["model.safetensors"], folder.Files);
    }

    [Theory]
    [InlineData("import", "The file to import is missing.")]
    [InlineData("import a b", "Unexpected argument 'b'")]
    [InlineData("import a --out a", "a is the file to import and stays as it is")]
    [InlineData("import a --cell transformer", "--cell takes rnn, gru, lstm or cifg, not 'transformer'.")]
    public void Wrong_usage_is_a_sentence(string words, string says)
    {
        using var folder = new TemporaryFolder();
        UnrollOutput output = UnrollProcess.Run(folder.Path, words.Split(' '));
        Assert.Equal(2, output.ExitCode);
        Assert.Contains(says, output.Error);
        Assert.Empty(folder.Files);
    }
}

using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>The verb <c>export</c>, run as a person runs it.</summary>
public class ExportTests(TrainedModel trained)
{
    [Fact]
    public void A_page_is_written_and_measured()
    {
        using var folder = new TemporaryFolder();
        string text = folder.Write("text.txt", string.Concat(TextSource.Story.Read())[..2000]);
        JsonElement said = UnrollProcess.Run(folder.Path, "export", trained.Path, "--html", "out.html", "--check", text, "--json").Succeeded().Json.GetProperty("html");
        Assert.Equal(["file", "bytes", "bits", "networks", "leftOut", "check"], said.EnumerateObject().Select(property => property.Name));
        Assert.Equal(new FileInfo(folder["out.html"]).Length, said.GetProperty("bytes").GetInt64());
        JsonElement check = said.GetProperty("check");
        double whole = UnrollProcess.Run(folder.Path, "evaluate", trained.Path, text, "--json").Succeeded().Json.GetProperty("loss").GetDouble();
        Assert.Equal(whole, check.GetProperty("loss").GetDouble());
        Assert.Equal(whole, check.GetProperty("exportedLoss").GetDouble(), 1e-4);
        Assert.Contains("<title>model · Unroll</title>", File.ReadAllText(folder["out.html"]));

        UnrollOutput table = UnrollProcess.Run(folder.Path, "export", trained.Path, "--html", "out.html", "--bits", "8").Succeeded();
        Assert.Matches(@"(?s)^page +\d+ kB +out\.html\nweights +8 +bits each\n$", table.Out);
        Assert.Empty(table.Error);
        Assert.Equal(["out.html", "text.txt"], folder.Files);
    }

    [Fact]
    public void An_ONNX_file_is_written_and_measured_and_both_may_be()
    {
        using var folder = new TemporaryFolder();
        string text = folder.Write("text.txt", string.Concat(TextSource.Story.Read())[..2000]);
        JsonElement said = UnrollProcess.Run(folder.Path, "export", trained.Path, "--onnx", "out.onnx", "--html", "out.html", "--check", text, "--json").Succeeded().Json;
        Assert.Equal(["file", "bytes", "networks", "leftOutMemoryTokens", "check"], said.GetProperty("onnx").EnumerateObject().Select(property => property.Name));
        Assert.Equal(new FileInfo(folder["out.onnx"]).Length, said.GetProperty("onnx").GetProperty("bytes").GetInt64());
        JsonElement check = said.GetProperty("onnx").GetProperty("check");
        Assert.Equal(check.GetProperty("loss").GetDouble(), check.GetProperty("exportedLoss").GetDouble());
        Assert.Equal(JsonValueKind.Object, said.GetProperty("html").ValueKind);
        UnrollOutput table = UnrollProcess.Run(folder.Path, "export", trained.Path, "--onnx", "out.onnx").Succeeded();
        Assert.Matches(@"^onnx +[\d.,]+ (bytes|kB|MB) +out\.onnx\n$", table.Out);
    }

    [Theory]
    [InlineData("export", "The model file is missing.")]
    [InlineData("export a b --html c", "Unexpected argument 'b'")]
    [InlineData("export a", "There is nothing to make: name a file with --html or --onnx.")]
    [InlineData("export a --onnx b --bits 8", "--bits and --size are those of a page")]
    [InlineData("export a --onnx a", "--onnx a would replace the model")]
    [InlineData("export a --onnx b --html b", "--html and --onnx name one file, b")]
    [InlineData("export a --html b --bits 12", "--bits takes 8 or 16, not '12'.")]
    [InlineData("export a --html b --size much", "--size takes a size such as")]
    [InlineData("export a --html b --size 600MB", "--size must be between 1 and 500000000 bytes, not 600000000.")]
    [InlineData("export a --html b --check -", "--check reads its text twice")]
    [InlineData("export a --html a", "--html a would replace the model")]
    public void Wrong_usage_is_a_sentence_and_leaves_nothing(string words, string says)
    {
        using var folder = new TemporaryFolder();
        UnrollOutput output = UnrollProcess.Run(folder.Path, words.Split(' '));
        Assert.Equal(2, output.ExitCode);
        Assert.Contains(says, output.Error);
        Assert.Single(output.Error.TrimEnd().Split('\n'));
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void What_does_not_fit_or_cannot_be_written_is_a_sentence()
    {
        using var folder = new TemporaryFolder();
        UnrollOutput small = UnrollProcess.Run(folder.Path, "export", trained.Path, "--html", "out.html", "--size", "50kB");
        Assert.Equal(1, small.ExitCode);
        Assert.Matches(@"^unroll: The page would have [\d,]+ bytes, and --size allows 50,000: allow more, or choose 8 --bits\.\n$", small.Error);
        UnrollOutput nowhere = UnrollProcess.Run(folder.Path, "export", trained.Path, "--html", "no/such/out.html");
        Assert.Equal(1, nowhere.ExitCode);
        Assert.Contains("does not exist", nowhere.Error);
        Assert.Empty(folder.Files);
    }

    [Theory]
    [InlineData("--html", "a page that Unroll made")]
    [InlineData("--onnx", "an ONNX file that Unroll wrote")]
    public void An_export_replaces_an_earlier_one_and_nothing_else(string option, string what)
    {
        using var folder = new TemporaryFolder();
        folder.Write("mine.txt", "my own words");
        UnrollOutput mine = UnrollProcess.Run(folder.Path, "export", trained.Path, option, "mine.txt");
        Assert.Equal((1, $"unroll: mine.txt is there already and is not {what}, so it stays as it is; name another file with {option}.\n"), (mine.ExitCode, mine.Error));
        UnrollOutput text = UnrollProcess.Run(folder.Path, "export", trained.Path, option, "mine.txt", "--check", "./mine.txt");
        Assert.Equal((2, $"unroll: {option} names the text itself, ./mine.txt; name another file. See 'unroll export --help'.\n"), (text.ExitCode, text.Error));
        Assert.Equal("my own words", File.ReadAllText(folder["mine.txt"]));

        byte[] model = File.ReadAllBytes(trained.Path);
        File.CreateSymbolicLink(folder["link"], trained.Path);
        Assert.Contains("would replace the model", UnrollProcess.Run(folder.Path, "export", trained.Path, option, "link").Error);
        Assert.Equal(model, File.ReadAllBytes(trained.Path));

        UnrollProcess.Run(folder.Path, "export", trained.Path, option, "out").Succeeded();
        UnrollProcess.Run(folder.Path, "export", trained.Path, option, "out").Succeeded();
    }
}

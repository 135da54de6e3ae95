using System.Diagnostics;
using System.Text.RegularExpressions;
using Unroll.Tests.Architecture;
using Unroll.Tests.Cli;
using Xunit;

namespace Unroll.Tests.Import;

/// <summary>The scripts of docs/import.md, where there is a PyTorch to run them.</summary>
public class DocumentedScriptTests
{
    private const string Python = "/usr/bin/python3";

    // What the scripts use of the package, for machines that have PyTorch and not the package.
    private const string SaveFile = """
        import json, struct

        def save_file(tensors, path, metadata=None):
            header, data = {"__metadata__": metadata or {}}, b""
            for name, values in tensors.items():
                content = values.contiguous().numpy().tobytes()
                header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(content)]}
                data += content
            text = json.dumps(header).encode()
            open(path, "wb").write(struct.pack("<Q", len(text)) + text + data)
        """;

    [Fact]
    public void The_example_of_the_page_comes_here_and_predicts_what_PyTorch_predicts()
    {
        Assert.SkipUnless(File.Exists(Python) && Run(Path.GetTempPath(), "-c", "import torch").ExitCode == 0, $"{Python} is not here or has no torch (on Debian: apt-get install python3-torch).");
        using var folder = new TemporaryFolder();
        if (Run(folder.Path, "-c", "import safetensors").ExitCode != 0)
        {
            folder.Write("safetensors/__init__.py", "");
            folder.Write("safetensors/torch.py", SaveFile);
        }
        string text = string.Concat(TextSource.Story.Read().Select(piece => piece.ToString()))[..3000];
        folder.Write("mytext.txt", text);
        string page = File.ReadAllText(Repository.Path("docs", "import.md")).ReplaceLineEndings("\n");
        string script = page.Split("```python\n")[1].Split("```")[0];
        folder.Write("train.py", script + """

            torch.save(model.state_dict(), "net.pt")
            with torch.no_grad():
                print(nn.functional.cross_entropy(model.double()(ids[:-1]), ids[1:]).item())
            """);

        (int exitCode, string output, string errors) = Run(folder.Path, "train.py");
        Assert.True(exitCode == 0, errors);
        UnrollProcess.Run(folder.Path, "import", "lstm.safetensors").Succeeded();
        Assert.Equal(double.Parse(output, System.Globalization.CultureInfo.InvariantCulture), Loss(folder["model.safetensors"]), 1e-5);

        // A pickle is refused with two lines that make of it what is wanted.
        UnrollOutput refused = UnrollProcess.Run(folder.Path, "import", "net.pt", "--out", "b.safetensors");
        Assert.Equal(1, refused.ExitCode);
        string[] lines = [.. Regex.Matches(refused.Error, "'([^']+)'").Select(match => match.Groups[1].Value)];
        Assert.Equal(page.Split("```python\n")[2].Split("\n```")[0], string.Join('\n', lines));
        (exitCode, _, errors) = Run(folder.Path, "-c", string.Join('\n', lines));
        Assert.True(exitCode == 0, errors);
        folder.Write("vocab.json", System.Text.Json.JsonSerializer.Serialize(text.EnumerateRunes().Distinct().Select(rune => rune.ToString()).Order(StringComparer.Ordinal)));
        UnrollProcess.Run(folder.Path, "import", "net.safetensors", "--vocabulary", "vocab.json", "--out", "b.safetensors").Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["model.safetensors"]), File.ReadAllBytes(folder["b.safetensors"]));

        double Loss(string model) => Evaluator.Evaluate(LanguageModel.Load(model), TextSource.FromString(text), threads: 1).Loss;
    }

    private static (int ExitCode, string Output, string Errors) Run(string folder, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Python, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["OMP_NUM_THREADS"] = "1" },
        })!;
        Task<string> errors = Task.Run(process.StandardError.ReadToEnd);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}

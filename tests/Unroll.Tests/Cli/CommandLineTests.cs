using System.Text;
using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>Words as shells hand them over: pipes, names that look like options, spaces and quotes, numbers out of reach.</summary>
public class CommandLineTests(TrainedModel trained)
{
    private const string Odd = "it's a \"test\" of $names & 時間.txt";

    [Fact]
    public void A_pipe_in_place_of_a_file_is_read_from_its_first_byte()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Shells on Windows have no such pipes.");
        using var folder = new TemporaryFolder();
        folder.Write("text.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("0123456789", 100))));
        string command = $"dotnet '{UnrollProcess.Program}' inspect";
        Assert.Equal(1000, Characters($"cat text.txt | {command} /dev/fd/0 --json"));
        Assert.Equal(1000, Characters($"{command} /dev/fd/3 --json 3< text.txt"));
        Assert.Equal(1000, Characters($"mkfifo pipe && (cat text.txt > pipe &) && {command} pipe --json"));

        int Characters(string line)
        {
            using UnrollProcess shell = UnrollProcess.Start(folder.Path, "sh", ["-c", line]);
            return shell.Finish().Succeeded().Json.GetProperty("characters").GetInt32();
        }
    }

    [Fact]
    public void Two_dashes_end_the_options_of_every_verb_that_takes_files()
    {
        using var folder = new TemporaryFolder();
        folder.Write("-t.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("once upon a time ", 60))));
        string[] small = ["--hidden", "8", "--batch", "4", "--steps", "8", "--epochs", "1", "--threads", "1", "--out", "-m"];
        UnrollOutput training = UnrollProcess.Run(folder.Path, ["train", .. small, "--", "-t.txt"]).Succeeded();
        Assert.EndsWith(" -- -m\n", training.Error);
        Assert.Contains(" train ", UnrollProcess.Run(folder.Path, "inspect", "--", "-t.txt").Succeeded().Out);
        UnrollProcess.Run(folder.Path, "inspect", "--", "-m").Succeeded();
        UnrollProcess.Run(folder.Path, "generate", "--length", "3", "--", "-m").Succeeded();
        UnrollProcess.Run(folder.Path, "evaluate", "--", "-m", "-t.txt").Succeeded();

        Assert.Contains("There is no option -t.txt.", UnrollProcess.Run(folder.Path, "inspect", "-t.txt").Error);
        Assert.Contains("Unexpected argument '-t.txt': ", UnrollProcess.Run(folder.Path, "generate", "a", "--", "-t.txt").Error);
        Assert.Contains("Unexpected argument '-t.txt'.", UnrollProcess.Run(folder.Path, "bench", "--", "-t.txt").Error);
    }

    [Fact]
    public void The_commands_that_are_named_survive_spaces_and_quotes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The commands are typed into sh.");
        using var folder = new TemporaryFolder();
        folder.Write(Odd, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("\"don't\" $HOME 時間 ", 200))));
        UnrollOutput inspected = UnrollProcess.Run(folder.Path, "inspect", Odd).Succeeded();
        string train = inspected.Out.Split('\n').Single(line => line.Contains(" train ", StringComparison.Ordinal)).Trim();
        UnrollOutput trained = Shell($"{train} --hidden 8 --batch 4 --steps 8 --epochs 1 --threads 1 --out 'a b'\"'\"'c'".Replace(" --budget 3m", "", StringComparison.Ordinal));
        Assert.True(File.Exists(folder["a b'c"]));
        string next = trained.Error.TrimEnd().Split('\n')[^1]["next: ".Length..];
        Assert.StartsWith("\"don't\"", Shell(next).Out);

        UnrollOutput Shell(string line)
        {
            using UnrollProcess shell = UnrollProcess.Start(folder.Path, "sh", ["-c", line]);
            return shell.Finish().Succeeded();
        }
    }

    [Theory]
    [InlineData("bench --batch 100000 --steps 100000", "--batch takes a whole number from 1 to 65536, not '100000'.")]
    [InlineData("bench --batch 65536 --steps 65536", "--batch times --steps must be at most 16,777,216, not 4,294,967,296.")]
    [InlineData("bench --hidden 65536 --layers 64", "parameters; the most is")]
    [InlineData("bench --vocabulary 16777216 --embedding 65536", "parameters; the most is")]
    [InlineData("bench --batch 4096 --steps 4096 --embedding 1024", "numbers for each gate; the most is")]
    [InlineData("bench --hidden 99999999999999999999", "--hidden takes a whole number from 1 to 65536")]
    [InlineData("bench --streams 100000", "--streams takes a whole number from 1 to 65536")]
    [InlineData("bench --threads 2147483647", "--threads takes a whole number from 0 to 1024, not '2147483647'.")]
    [InlineData("train --hidden 2147483648", "--hidden takes a whole number from 1 to 2147483647, not '2147483648'.")]
    [InlineData("train --hidden 0", "--hidden takes a whole number of at least 1, not '0'.")]
    [InlineData("train --threads 2147483647", "--threads takes a whole number from 0 to 1024")]
    [InlineData("generate MODEL --threads 30000", "--threads takes a whole number from 0 to 1024")]
    [InlineData("evaluate MODEL - --threads 1025", "--threads takes a whole number from 0 to 1024")]
    public void Sizes_out_of_reach_are_wrong_usage_in_one_sentence(string words, string says)
    {
        using var folder = new TemporaryFolder();
        UnrollOutput output = UnrollProcess.Run(folder.Path, words.Replace("MODEL", trained.Path, StringComparison.Ordinal).Split(' '));
        Assert.Equal(2, output.ExitCode);
        Assert.Contains(says, output.Error);
        Assert.Single(output.Error.TrimEnd().Split('\n'));
        Assert.Empty(output.Out);
        Assert.Empty(folder.Files);
    }
}

using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>Help pages, and commands typed wrongly.</summary>
public class UsageTests
{
    [Theory]
    [InlineData("trian", "no verb 'trian'; did you mean train?", "unroll --help")]
    [InlineData("train --hiden 5", "no option --hiden; did you mean --hidden?", "unroll train --help")]
    [InlineData("train --hidden", "--hidden needs a value", "unroll train --help")]
    [InlineData("train --cell transformer", "--cell takes rnn, gru, lstm or cifg, not 'transformer'", "unroll train --help")]
    [InlineData("train --epochs 3 --budget 3m", "--epochs and --budget", "unroll train --help")]
    [InlineData("train --preset nonsense", "no preset 'nonsense'", "unroll train --help")]
    [InlineData("generate a b", "Unexpected argument 'b'", "unroll generate --help")]
    [InlineData("generate a --top-p 2", "--top-p takes a number of at least 0 and at most 1, not '2'", "unroll generate --help")]
    [InlineData("evaluate model", "The text is missing", "unroll evaluate --help")]
    [InlineData("data get", "name is missing", "unroll data get --help")]
    public void Wrong_usage_is_a_sentence_and_a_hint(string words, string says, string hint)
    {
        using var folder = new TemporaryFolder();
        UnrollOutput output = UnrollProcess.Run(folder.Path, words.Split(' '));
        Assert.Equal(2, output.ExitCode);
        Assert.Empty(output.Out);
        Assert.StartsWith("unroll: ", output.Error);
        Assert.Contains(says, output.Error);
        Assert.EndsWith($"See '{hint}'.\n", output.Error);
        Assert.Single(output.Error.TrimEnd().Split('\n'));
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void Help_names_every_verb_and_nothing_at_all_is_wrong_usage()
    {
        using var folder = new TemporaryFolder();
        UnrollOutput help = UnrollProcess.Run(folder.Path, "--help").Succeeded();
        foreach (string verb in (string[])["train [TEXT...]", "generate MODEL", "evaluate MODEL TEXT...", "inspect PATH", "data [VERB]"])
            Assert.Contains($"  {verb}", help.Out);
        UnrollOutput nothing = UnrollProcess.Run(folder.Path);
        Assert.Equal(2, nothing.ExitCode);
        Assert.Equal(help.Out, nothing.Error);
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", UnrollProcess.Run(folder.Path, "--version").Succeeded().Out);
    }

    [Fact]
    public void The_help_of_train_has_every_option_with_its_defaults_and_examples()
    {
        using var folder = new TemporaryFolder();
        string help = UnrollProcess.Run(folder.Path, "train", "--help").Succeeded().Out;
        string[] options =
        [
            "cell", "hidden", "layers", "embedding", "activation", "reset-gate", "init", "dropout", "tie",
            "tokens", "clean", "documents", "max-tokens", "min-count", "vocabulary", "validation", "batch", "sequence-length", "sampling", "epochs", "updates", "budget",
            "optimizer", "momentum", "beta1", "beta2", "lr", "schedule", "cooldown", "schedule-power", "plateau-patience", "plateau-factor", "warmup",
            "clip", "clip-by", "weight-decay", "tail-average", "seed", "shards", "threads",
            "from", "new-tokens", "members", "memory", "held-back", "file-limit", "out", "plot", "log", "sample-every", "sample-prefix", "resume", "checkpoint-every", "preset",
        ];
        foreach (string option in options)
            Assert.Matches($@"(?m)^  --{option}\b", help);
        Assert.Contains("[default: as suits the text; textbook 512]", help);
        Assert.Contains("Examples:\n  unroll train\n", help);
        Assert.DoesNotContain(help.Split('\n'), line => line.Length > 100);
    }

    [Theory]
    [InlineData("train --hidden 65000 --layers 2")]
    [InlineData("bench --hidden 40000 --cell rnn")]
    public void What_does_not_fit_into_the_memory_is_said_before_anything_is_taken(string words)
    {
        using var folder = new TemporaryFolder();
        UnrollOutput output = UnrollProcess.Run(folder.Path, words.Split(' '));
        Assert.Equal(1, output.ExitCode);
        Assert.Matches(@"^unroll: This takes [\d.]+ GB of memory, and there are [\d.]+ GB: .*\.\n$", output.Error);
        Assert.Empty(folder.Files);
    }
}

using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>Many runs over lists of options.</summary>
public class SweepTests
{
    private static readonly string[] Tiny =
        ["--max-tokens", "2000", "--batch", "4", "--sequence-length", "8", "--members", "1", "--memory", "0", "--sample-every", "0"];

    private static string[] Sweep(params string[] words) => ["sweep", .. words, .. Tiny];

    [Fact]
    public void A_grid_with_one_that_fails_becomes_a_table_and_the_same_bytes_as_alone()
    {
        using var folder = new TemporaryFolder();
        folder.Write("text.txt", string.Concat(Enumerable.Range(0, 300).Select(i => $"line {i * i} of the text\n")));
        // What stands where a model is to go, and is none, makes one run fail, and no other.
        Directory.CreateDirectory(folder["sweep"]);
        Directory.CreateDirectory(folder["sweep/hidden-12_seed-2.svg"]);
        string[] words = Sweep("text.txt", "--hidden", "8,12", "--seed", "1,2", "--updates", "6", "--runs", "2");
        UnrollOutput output = UnrollProcess.Run(folder.Path, words);
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("hidden-12_seed-2 failed: ", output.Error);
        Assert.Contains("hidden-12_seed-2.svg", output.Error);
        Assert.Contains("best: sweep/", output.Out);
        Assert.Matches(@"hidden +seed +validation +perplexity", output.Out);

        UnrollProcess.Run(folder.Path, ["train", "text.txt", "--hidden", "12", "--updates", "6", .. Tiny]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["model.safetensors"]), File.ReadAllBytes(folder["sweep/hidden-12_seed-1.safetensors"]));

        // What is finished stays, what failed is tried again.
        Directory.Delete(folder["sweep/hidden-12_seed-2.svg"]);
        UnrollOutput again = UnrollProcess.Run(folder.Path, [.. words, "--json"]).Succeeded();
        Assert.Contains("4 runs in sweep, 3 of them finished already", again.Error);
        Assert.Equal("hidden-12_seed-2 begins", again.Error.Split('\n')[1]);
        JsonElement[] runs = [.. again.Json.GetProperty("runs").EnumerateArray()];
        Assert.Equal(4, runs.Length);
        Assert.All(runs, run => Assert.Equal("finished", run.GetProperty("state").GetString()));
        double[] losses = [.. runs.Select(run => run.GetProperty("validation").GetProperty("loss").GetDouble())];
        Assert.Equal(losses.Order(), losses);
        Assert.Equal(4, losses.Distinct().Count());
        Assert.Equal(["hidden", "seed"], runs[0].GetProperty("options").EnumerateObject().Select(option => option.Name));

        // Nothing is left to do, so nothing is done but looked at; under other options or of another text nothing is taken for the same.
        UnrollOutput other = UnrollProcess.Run(folder.Path, [.. words, "--lr", "0.5"]);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("is of a run with other options", other.Error);
        File.AppendAllText(folder["text.txt"], "more");
        UnrollOutput changed = UnrollProcess.Run(folder.Path, words);
        Assert.Equal(1, changed.ExitCode);
        Assert.Contains("has changed since it was begun", changed.Error);
    }

    [Slow]
    [Theory]
    [InlineData(UnrollProcess.Kill)]
    [InlineData(UnrollProcess.Interrupt)]
    public void Runs_whose_sweep_is_ended_save_and_go_on(int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using var folder = new TemporaryFolder();
        string[] words =
            [.. Sweep("--preset", "default", "--schedule", "constant", "--hidden", "8", "--seed", "1,2", "--runs", "2", "--checkpoint-every", "0"), .. EndlessRun.Length];
        string[] models = [folder["sweep/seed-1.safetensors"], folder["sweep/seed-2.safetensors"]];
        using (UnrollProcess sweep = UnrollProcess.Start(folder.Path, words))
        {
            sweep.WaitFor("two models", () => models.All(File.Exists));
            sweep.Signal(signal);
            Assert.Equal(128 + signal, sweep.WaitForExit());
            if (signal == UnrollProcess.Interrupt)
                Assert.Matches(@"0 of 2 runs finished; what had begun is saved. To go on:\n .* sweep --preset default", sweep.ErrorToEnd());
        }
        using (UnrollProcess sweep = UnrollProcess.Start(folder.Path, words))
        {
            sweep.WaitForError("seed-1 goes on");
            sweep.WaitForError("seed-2 goes on");
            // Only now: runs whose sweep was killed save after it is gone.
            long[] begun = [.. models.Select(EndlessRun.Updates)];
            sweep.WaitFor("more updates", () => models.Zip(begun).All(model => EndlessRun.Updates(model.First) > model.Second));
            sweep.Signal(UnrollProcess.Interrupt);
            Assert.Equal(128 + UnrollProcess.Interrupt, sweep.WaitForExit());
        }
        // All that the runs said: told to stop by their input's end, both have saved, the second time from where the first ended.
        Assert.All([1, 2], seed => Assert.Equal(2, File.ReadAllText(folder[$"sweep/seed-{seed}.log"]).Split("Stopped after ").Length - 1 + (signal == UnrollProcess.Kill ? 1 : 0)));
        Assert.All([1, 2], seed => Assert.Contains("goes on after", File.ReadAllText(folder[$"sweep/seed-{seed}.log"])));
    }

    [Fact]
    public void Of_those_whom_a_launcher_has_started_the_first_waits_for_the_others_and_shows_the_table()
    {
        using var folder = new TemporaryFolder();
        string[] words = Sweep("--preset", "default", "--hidden", "4,6", "--updates", "2", "--runs", "1");
        Directory.CreateDirectory(folder["sweep"]);
        UnrollProcess first;
        // Another process has this run in hand, until it fails.
        using (var others = new FileStream(folder["sweep/hidden-4.log"], FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
        {
            using UnrollProcess second = Launched(1);
            UnrollOutput silent = second.Finish();
            Assert.Equal((0, ""), (silent.ExitCode, silent.Out));
            Assert.Contains("hidden-6 is finished", silent.Error);
            first = Launched(0);
            first.WaitForError("1 of them finished already");
            others.Write("unroll train\ntext\nunroll: There is no room.\n"u8);
        }
        using (first)
        {
            UnrollOutput output = first.Finish();
            Assert.Equal(1, output.ExitCode);
            Assert.Contains("hidden-4 failed: There is no room.", output.Error);
            Assert.Contains("best: ", output.Out);
        }

        UnrollProcess Launched(int rank)
        {
            UnrollProcess process = UnrollProcess.Start(folder.Path, "dotnet", [UnrollProcess.Program, .. words], new Dictionary<string, string> { ["PMI_RANK"] = $"{rank}", ["PMI_SIZE"] = "2" });
            process.Send("");
            return process;
        }
    }

    [Fact]
    public void A_line_of_a_file_is_a_run_and_its_options_go_before()
    {
        using var folder = new TemporaryFolder();
        folder.Write("runs.txt", "# two cells, and a list\n--cell gru --hidden 4\n\n--cell rnn --seed 1,2\n");
        UnrollOutput output = UnrollProcess.Run(
            folder.Path, Sweep("--preset", "default", "--hidden", "6", "--updates", "2", "--settings", "runs.txt", "--out-folder", "cells", "--json")).Succeeded();
        Assert.Equal(
            ["cell-gru_hidden-4", "cell-rnn_hidden-6_seed-1", "cell-rnn_hidden-6_seed-2"],
            output.Json.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("name").GetString()!).Order());
        Assert.StartsWith("unroll train --preset default --cell gru --hidden 4", File.ReadAllText(folder["cells/cell-gru_hidden-4.log"]));
    }

    [Theory]
    [InlineData("The run hidden-6 is impossible: --tie needs an embedding", 1, "--hidden", "4,6", "--embedding", "4", "--tie")]
    [InlineData("The run lr-x is impossible: --lr takes a number", 2, "--lr", "0.1,x")]
    [InlineData("--seed names 1 twice.", 2, "--seed", "1,2,1")]
    [InlineData("one value of '1,,2' is empty", 2, "--seed", "1,,2")]
    [InlineData("There is no option --out.", 2, "--out", "model")]
    [InlineData("make 16,384 runs", 2, "--seed", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", "--hidden", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", "--batch", "1,2,3,4,5,6,7,8", "--layers", "1,2,3,4,5,6,7,8")]
    [InlineData("There is no file 'none.txt' for --settings.", 2, "--settings", "none.txt")]
    [InlineData("Standard input (-) can be read once only", 2, "-")]
    [InlineData("There is no file, folder or dataset \"nowhere.txt\"", 1, "nowhere.txt")]
    public void What_is_impossible_is_said_before_anything_is_done(string sentence, int code, params string[] words)
    {
        using var folder = new TemporaryFolder();
        UnrollOutput output = UnrollProcess.Run(folder.Path, ["sweep", .. words]);
        Assert.Equal(code, output.ExitCode);
        Assert.Contains(sentence, output.Error);
        Assert.Single(output.Error.TrimEnd().Split('\n'));
        Assert.Empty(output.Out);
        Assert.False(Directory.Exists(folder["sweep"]));
    }
}

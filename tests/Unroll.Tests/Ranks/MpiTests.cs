using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Unroll.Mpi;
using Unroll.Tests.Architecture;
using Unroll.Tests.Cli;
using Xunit;

namespace Unroll.Tests.Ranks;

/// <summary>The built command under the launchers of Open MPI and MPICH, more ranks than cores where there are few.</summary>
[Slow]
public class MpiTests(TrainedModel model)
{
    private const string OpenMpi = "Open MPI", Mpich = "MPICH";

    private static readonly string[] Endless =
        ["--preset", "default", "--cell", "gru", "--hidden", "24", "--layers", "2", "--dropout", "0.2", "--output-ngrams", "3", "--schedule", "constant", "--threads", "1", "--plot", "none", "--sample-every", "0"];

    private static readonly string[] Options = [.. Endless, "--updates", "12"];

    // What mpirun wants where it is started by root, as in containers.
    private static readonly Dictionary<string, string> AsRoot = new()
    {
        ["OMPI_ALLOW_RUN_AS_ROOT"] = "1",
        ["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1",
    };

    [Theory]
    [InlineData(OpenMpi, 4, 1)]
    [InlineData(Mpich, 2, 1)]
    [InlineData(OpenMpi, 2, 3)]
    [InlineData(Mpich, 4, 2)]
    public void Ranks_write_the_file_that_one_process_writes(string library, int count, int networks)
    {
        using TemporaryFolder folder = WithText();
        string[] words = ["train", "text.txt", .. Options, "--shards", "4", "--members", $"{networks}", "--validation", "0.1"];
        UnrollProcess.Run(folder.Path, [.. words, "--out", "one.safetensors"]).Succeeded();
        UnrollOutput output = Run(library, count, folder, [.. words, "--checkpoint-every", "0", "--out", "many.safetensors"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["one.safetensors"]), File.ReadAllBytes(folder["many.safetensors"]));
        Assert.Single(output.Out.Split('\n'), line => line.StartsWith("perplexity", StringComparison.Ordinal)); // one rank speaks
    }

    [Fact]
    public void A_library_with_the_standard_s_own_interface_carries_the_same_run()
    {
        using TemporaryFolder folder = WithText();
        RequireProgram("gcc", "no C compiler");
        string library = folder["libmpi_abi.so.1"];
        using (UnrollProcess compiler = UnrollProcess.Start(folder.Path, "gcc", ["-shared", "-fPIC", "-o", library, Repository.Path("tests", "Unroll.Tests", "Ranks", "standard-abi.c"), "-ldl"]))
            compiler.Finish().Succeeded();
        UnrollProcess.Run(folder.Path, ["train", "text.txt", .. Options, "--shards", "4", "--out", "one.safetensors"]).Succeeded();
        Run(OpenMpi, 2, folder, ["train", "text.txt", .. Options, "--shards", "4", "--out", "many.safetensors"], library: library).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["one.safetensors"]), File.ReadAllBytes(folder["many.safetensors"]));
    }

    [Fact]
    public void A_rank_s_death_ends_the_job_and_another_number_of_ranks_goes_on_with_the_run()
    {
        using TemporaryFolder folder = WithText();
        using (UnrollProcess job = Start(OpenMpi, 4, folder, ["train", "text.txt", .. Endless, "--shards", "4", .. EndlessRun.Length, "--checkpoint-every", "0", "--out", "many.safetensors"]))
        {
            job.WaitFor("a saved run", () => File.Exists(folder["many.safetensors"]));
            int[] ranks = Ranks(folder.Path);
            Assert.Equal(4, ranks.Length);
            Kill(ranks[2], UnrollProcess.Kill);
            Assert.NotEqual(0, job.WaitForExit());
        }
        string updates = EndlessRun.End(folder["many.safetensors"], 4);
        Run(OpenMpi, 2, folder, ["train", "text.txt", .. Endless, "--shards", "4", "--updates", updates, "--resume", "--out", "many.safetensors"]).Succeeded();
        UnrollProcess.Run(folder.Path, ["train", "text.txt", .. Endless, "--shards", "4", "--updates", updates, "--out", "one.safetensors"]).Succeeded();
        Assert.Equal(File.ReadAllBytes(folder["one.safetensors"]), File.ReadAllBytes(folder["many.safetensors"]));
    }

    [Fact]
    public void A_null_reference_that_is_caught_ends_no_rank()
    {
        using TemporaryFolder folder = WithText();
        ProcessStartInfo catching = TestProgram.WithExplicitTest(typeof(MpiTests), nameof(CatchesANullReference));
        // UCX, of all that messages may go through, takes signals for itself. Without InfiniBand Open MPI has to be told to use it.
        string[] words = ["--oversubscribe", "-mca", "pml", "ucx", "-mca", "pml_ucx_tls", "any", "-mca", "pml_ucx_devices", "any", "-x", "UCX_TLS=tcp,self,sm", "-n", "2", catching.FileName, .. catching.ArgumentList];
        using UnrollProcess job = UnrollProcess.Start(folder.Path, Launcher(OpenMpi), words, AsRoot);
        job.Send("");
        UnrollOutput output = job.Finish();
        Assert.True(output.ExitCode == 0, output.Out + output.Error);
        Assert.Equal(2, output.Out.Split("caught at rank").Length - 1);
    }

    /// <summary>No test, but the program that <see cref="A_null_reference_that_is_caught_ends_no_rank"/> starts twice.</summary>
    [Fact(Explicit = true)]
    public void CatchesANullReference()
    {
        using MpiRanks? ranks = MpiRanks.Join();
        Assert.SkipWhen(ranks is null, "Only another test starts this.");
        string? nothing = Environment.GetEnvironmentVariable("there is none");
        Assert.Throws<NullReferenceException>(() => nothing!.Length.ToString(CultureInfo.InvariantCulture));
        Console.WriteLine($"caught at rank {ranks.Rank}");
    }

    [Fact]
    public void What_is_wrong_is_said_once()
    {
        using TemporaryFolder folder = WithText();
        UnrollOutput few = Run(OpenMpi, 4, folder, ["train", "text.txt", .. Options, "--shards", "2"], fails: true);
        Assert.Equal("unroll: --shards must be at least 4, the number of ranks, not 2: each rank has an equal part of them. (One machine makes the same model with as many.)", Said(few));
        UnrollOutput three = Run(OpenMpi, 3, folder, ["train", "text.txt", .. Options, "--shards", "4"], fails: true);
        Assert.Equal("unroll: The number of ranks must be a power of two, such as 2, 4 or 8, not 3: each has an equal part of the shards.", Said(three));
        UnrollOutput wrong = Run(OpenMpi, 2, folder, ["train", "text.txt", .. Options, "--shards", "4"], fails: true, library: "libm.so.6");
        Assert.Contains("libm.so.6 is no MPI library that Unroll can use", Said(wrong), StringComparison.Ordinal);
        UnrollOutput none = Run(OpenMpi, 2, folder, ["train", "text.txt", .. Options, "--shards", "4"], fails: true, library: "libnothing.so.1");
        Assert.Equal("unroll: A launcher has started 2 ranks, but there is no MPI library (libnothing.so.1): install the one that the launcher belongs to, or name it in UNROLL_MPI.", Said(none));
    }

    [Fact]
    public void A_library_of_another_launcher_is_noticed()
    {
        using TemporaryFolder folder = WithText();
        Require(Mpich);
        UnrollOutput output = Run(OpenMpi, 2, folder, ["train", "text.txt", .. Options, "--shards", "4"], fails: true, library: "libmpich.so.12");
        Assert.Equal("unroll: The launcher has started 2 ranks, but libmpich.so.12 sees 1: it belongs to another MPI. Name the launcher's own library in UNROLL_MPI.", Said(output));
    }

    [Fact]
    public void Ranks_share_the_files_that_are_evaluated()
    {
        using TemporaryFolder folder = WithText();
        for (int i = 0; i < 3; i++)
            File.WriteAllText(folder[$"text{i}.txt"], string.Concat(Enumerable.Repeat($"the time traveller {i} ", 10 + i)));
        string[] words = ["evaluate", model.Path, folder["text0.txt"], folder["text1.txt"], folder["text2.txt"], "--per-file"];
        UnrollOutput alone = UnrollProcess.Run(folder.Path, words).Succeeded();
        Assert.Equal(alone.Out, Run(OpenMpi, 2, folder, words).Succeeded().Out);
    }

    [Fact]
    public void Ranks_share_the_lines_that_are_evaluated()
    {
        using TemporaryFolder folder = WithText();
        File.WriteAllText(folder["lines.txt"], string.Concat(Enumerable.Range(0, 200).Select(i => $"the time traveller and {i * i} others, Žofie too\n")));
        string[] words = ["evaluate", model.Path, folder["lines.txt"], "--per-line", "--top", "0"];
        UnrollOutput alone = UnrollProcess.Run(folder.Path, words).Succeeded();
        Assert.Equal(ButSpeed(alone.Out), ButSpeed(Run(OpenMpi, 3, folder, words).Succeeded().Out));
        Assert.StartsWith("unroll: Standard input (-) goes to one rank only", Said(Run(OpenMpi, 2, folder, ["evaluate", model.Path, "-", "--per-line"], fails: true)), StringComparison.Ordinal);
    }

    [Fact]
    public void One_text_is_the_first_rank_s_while_the_others_wait()
    {
        using TemporaryFolder folder = WithText();
        string[] words = ["evaluate", model.Path, folder["text.txt"]];
        UnrollOutput alone = UnrollProcess.Run(folder.Path, words).Succeeded();
        UnrollOutput many = Run(OpenMpi, 3, folder, words).Succeeded();
        Assert.Equal(ButSpeed(alone.Out), ButSpeed(many.Out));
        Assert.Equal("unroll: warning: one text is read from its first token to its last, which is one rank's work: the first rank reads, and the other 2 only wait.", Said(many));
        Assert.Contains("There is nothing to measure", Run(OpenMpi, 2, folder, ["evaluate", model.Path, "-", "--per-token"], fails: true).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rank_that_waits_in_vain_ends_the_job()
    {
        using TemporaryFolder folder = WithText();
        using UnrollProcess job = Start(OpenMpi, 2, folder, ["train", "text.txt", .. Endless, "--shards", "4", .. EndlessRun.Length, "--checkpoint-every", "0", "--out", "many.safetensors"], patience: "3");
        job.WaitFor("a saved run", () => File.Exists(folder["many.safetensors"]));
        Kill(Ranks(folder.Path)[1], Stop); // it is there, and does nothing more, like a machine behind a dead link
        Assert.NotEqual(0, job.WaitForExit());
        Assert.Contains("has waited 3 seconds for the others, so the job ends", job.ErrorToEnd(), StringComparison.Ordinal);
    }

    private const int Stop = 19; // SIGSTOP

    private static TemporaryFolder WithText()
    {
        Require(OpenMpi);
        var folder = new TemporaryFolder();
        File.WriteAllText(folder["text.txt"], string.Concat(Enumerable.Range(0, 300).Select(i => $"the time traveller went on for {i * 7 % 41} days; ")));
        return folder;
    }

    private static void Require(string library) => RequireProgram(Launcher(library), $"{library} is not installed");

    private static void RequireProgram(string program, string so)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Assert.SkipUnless(folders.Any(folder => File.Exists(Path.Combine(folder, program))), $"There is no {program}: {so}.");
    }

    private static string Launcher(string library) => library == OpenMpi ? "mpirun.openmpi" : "mpirun.mpich";

    private static UnrollOutput Run(string mpi, int count, TemporaryFolder folder, string[] words, bool fails = false, string? library = null)
    {
        using UnrollProcess job = Start(mpi, count, folder, words, library: library);
        job.Send("");
        UnrollOutput output = job.Finish();
        Assert.Equal(fails, output.ExitCode != 0);
        return output;
    }

    private static UnrollProcess Start(string mpi, int count, TemporaryFolder folder, string[] words, string? patience = null, string? library = null)
    {
        Require(mpi);
        var environment = new Dictionary<string, string>(AsRoot);
        if (library is not null)
            environment["UNROLL_MPI"] = library;
        if (patience is not null)
            environment["UNROLL_MPI_PATIENCE"] = patience;
        string[] many = mpi == OpenMpi ? ["--oversubscribe", "--bind-to", "none", "-n", $"{count}"] : ["-n", $"{count}"];
        return UnrollProcess.Start(folder.Path, Launcher(mpi), [.. many, "dotnet", UnrollProcess.Program, .. words], environment);
    }

    // What the first rank has said, without what the launcher adds; where that is slow to end them, other ranks may say it too.
    private static string Said(UnrollOutput output) => Assert.Single(output.Error.Split('\n'), line => line.StartsWith("unroll:", StringComparison.Ordinal));

    // The width of a column of figures depends on the speed's.
    private static string ButSpeed(string output) =>
        string.Join('\n', output.Split('\n').Where(line => !line.StartsWith("speed", StringComparison.Ordinal)).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));

    // The processes that compute in a folder.
    private static int[] Ranks(string folder) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(int.Parse!)
            .Where(process => IsRank(process, folder)).Order(),
    ];

    private static bool IsRank(int process, string folder)
    {
        try
        {
            string[] words = File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
            return words is ["dotnet", _, "train", ..] && new DirectoryInfo($"/proc/{process}/cwd").LinkTarget == folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}

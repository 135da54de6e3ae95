using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>What a finished command left behind.</summary>
internal sealed record UnrollOutput(int ExitCode, string Out, string Error)
{
    /// <summary>Standard output as one JSON object.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>This output, if the command did its work.</summary>
    public UnrollOutput Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}");
        return this;
    }
}

/// <summary>The built command in a process of its own.</summary>
internal sealed class UnrollProcess : IDisposable
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    private static readonly TimeSpan Patience = TimeLimitAttribute.Limit * 0.8;
    private readonly Process process;
    private readonly Task<string> error;
    private readonly StringBuilder errorSoFar = new();

    private UnrollProcess(Process process)
    {
        this.process = process;
        error = ReadError();
    }

    /// <summary>The program's file.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "Unroll.Cli.dll");

    /// <summary>Runs a command to its end.</summary>
    public static UnrollOutput Run(string folder, params string[] words) => RunWith(folder, "", words);

    /// <summary>Runs a command that reads a text from standard input.</summary>
    public static UnrollOutput RunWith(string folder, string input, params string[] words)
    {
        using UnrollProcess process = Start(folder, words);
        process.Send(input);
        return process.Finish();
    }

    /// <summary>Starts a command.</summary>
    public static UnrollProcess Start(string folder, params string[] words) => Start(folder, "dotnet", [Program, .. words]);

    /// <summary>Starts any program, such as a shell that runs the command.</summary>
    public static UnrollProcess Start(
        string folder, string program, IEnumerable<string> words, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, words)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = new UTF8Encoding(false),
            StandardErrorEncoding = new UTF8Encoding(false),
        };
        // No dataset on this machine and no colour wish of this machine's user may change a test.
        start.Environment["UNROLL_DATA"] = folder;
        start.Environment["XDG_CACHE_HOME"] = folder;
        start.Environment.Remove("NO_COLOR");
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new UnrollProcess(Process.Start(start)!);
    }

    /// <summary>What the command writes, as it writes it.</summary>
    public StreamReader Out => process.StandardOutput;

    /// <summary>Writes to standard input and closes it.</summary>
    public void Send(string input)
    {
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The command ended without reading it.
        }
    }

    /// <summary>Waits until standard error holds a text.</summary>
    public void WaitForError(string text) => WaitFor($"'{text}'", () => ErrorSoFar().Contains(text, StringComparison.Ordinal));

    /// <summary>Waits until the command has done something.</summary>
    public void WaitFor(string what, Func<bool> isDone)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            bool ended = error.IsCompleted;
            if (isDone())
                return;
            Assert.False(ended, $"It ended without {what}: {ErrorSoFar()}");
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"In {Patience.TotalMinutes:0} minutes there was not {what}: {ErrorSoFar()}");
            Thread.Sleep(5);
        }
    }

    /// <summary>Writes spaces to standard input, without end, until the command ends.</summary>
    public void SendUntilItEnds()
    {
        byte[] spaces = new byte[1 << 16];
        spaces.AsSpan().Fill((byte)' ');
        try
        {
            while (!process.HasExited)
                process.StandardInput.BaseStream.Write(spaces);
        }
        catch (IOException)
        {
            // It has ended.
        }
    }

    /// <summary>Sends a signal, as a terminal or another process does.</summary>
    public void Signal(int signal) => SendSignal(process.Id, signal);

    /// <summary>All of standard error, when the command has ended.</summary>
    public string ErrorToEnd() => error.GetAwaiter().GetResult();

    /// <summary>Waits for the end.</summary>
    public UnrollOutput Finish()
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        return new UnrollOutput(WaitForExit(), output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Waits for the end of a command whose output nobody reads any more.</summary>
    public int WaitForExit()
    {
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"It did not end: {ErrorSoFar()}");
        }
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }

    /// <summary>Standard error, as far as it has come.</summary>
    public string ErrorSoFar()
    {
        lock (errorSoFar)
            return errorSoFar.ToString();
    }

    private async Task<string> ReadError()
    {
        char[] buffer = new char[1024];
        for (int count = await process.StandardError.ReadAsync(buffer); count > 0; count = await process.StandardError.ReadAsync(buffer))
        {
            lock (errorSoFar)
                errorSoFar.Append(buffer, 0, count);
        }
        return ErrorSoFar();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}

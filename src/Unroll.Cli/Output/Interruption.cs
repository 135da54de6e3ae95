// Ctrl-C and the other polite ways of asking a program to stop (SIGINT, SIGTERM, SIGHUP, SIGUSR1). While there is something to
// save or to finish, the first one only asks; otherwise, and at the second, the program ends at once.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Unroll.Cli.Output;

/// <summary>Turns signals into a cancellation token, or into the end.</summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>The exit code of an interrupted command, as shells know it.</summary>
    public const int ExitCode = 130;

    /// <summary>The environment variable with which a program says that it stops this one by ending its standard input.</summary>
    public const string InputVariable = "UNROLL_STOPS_WITH_INPUT";

    // What launchers of many ranks hand on to them, where at the other signals they end the job a second later.
    private static readonly PosixSignal Usr1 = (PosixSignal)(OperatingSystem.IsLinux() ? 10 : 30);

    private readonly CancellationTokenSource source = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private readonly Terminal terminal;
    private volatile Action? graceful;
    private int doubled; // a signal that says again what the end of the input has said

    public Interruption(Terminal terminal)
    {
        this.terminal = terminal;
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, .. OperatingSystem.IsWindows() ? (PosixSignal[])[] : [Usr1]];
        foreach (PosixSignal signal in signals)
            registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
    }

    /// <summary>Cancelled at the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Whether somebody asked to stop.</summary>
    public bool IsRequested => source.IsCancellationRequested;

    /// <summary>From here to the end of the scope the first signal only cancels <see cref="Token"/>.</summary>
    /// <param name="onRequest">Called at that signal, on a thread of its own.</param>
    public IDisposable Gracefully(Action? onRequest = null)
    {
        graceful = onRequest ?? (() => { });
        return new Scope(this);
    }

    /// <summary>From here on signals are none of ours. One that is being handled just now may still cancel the token.</summary>
    public void Dispose() => registrations.ForEach(registration => registration.Dispose());

    /// <summary>What a signal does.</summary>
    internal void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Exchange(ref doubled, 0) == 1)
            return;
        if (source.IsCancellationRequested)
            End();
        Ask();
    }

    /// <summary>Asks to stop, as a signal does, when standard input ends: so a program stops those that it has started, on every system,
    /// and so they stop when it is killed. At a terminal they get Ctrl-C too, before or after, and that is no second one.</summary>
    public void StopAtEndOfInput()
    {
        var waiting = new Thread(() =>
        {
            using Stream input = Console.OpenStandardInput();
            var buffer = new byte[64];
            while (input.Read(buffer) > 0)
                continue;
            if (source.IsCancellationRequested)
                return;
            Interlocked.Exchange(ref doubled, 1);
            Ask();
        });
        waiting.IsBackground = true;
        waiting.Start();
    }

    private void Ask()
    {
        Action? onRequest = graceful;
        if (onRequest == null)
            End();
        source.Cancel();
        onRequest();
    }

    [DoesNotReturn]
    private void End()
    {
        terminal.BreakOff();
        Environment.Exit(ExitCode);
    }

    private sealed class Scope(Interruption interruption) : IDisposable
    {
        public void Dispose() => interruption.graceful = null;
    }
}

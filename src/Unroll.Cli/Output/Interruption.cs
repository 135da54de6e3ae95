// Ctrl-C and the other polite ways of asking a program to stop (SIGINT, SIGTERM, SIGHUP). While there is something to
// save or to finish, the first one only asks; otherwise, and at the second, the program ends at once.
using System.Runtime.InteropServices;

namespace Unroll.Cli.Output;

/// <summary>Turns signals into a cancellation token, or into the end.</summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>The exit code of an interrupted command, as shells know it.</summary>
    public const int ExitCode = 130;

    private readonly CancellationTokenSource source = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private readonly Terminal terminal;
    private volatile Action? graceful;

    public Interruption(Terminal terminal)
    {
        this.terminal = terminal;
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
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
        Action? onRequest = graceful;
        if (onRequest == null || source.IsCancellationRequested)
        {
            terminal.BreakOff();
            Environment.Exit(ExitCode);
        }
        source.Cancel();
        onRequest();
    }

    private sealed class Scope(Interruption interruption) : IDisposable
    {
        public void Dispose() => interruption.graceful = null;
    }
}

using System.Runtime.InteropServices;
using Unroll.Cli.Output;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>Signals at odd moments.</summary>
public class InterruptionTests
{
    [Fact]
    public void A_signal_that_is_handled_while_the_program_ends_does_no_harm()
    {
        var interruption = new Interruption(new Terminal());
        bool asked = false;
        using IDisposable scope = interruption.Gracefully(() => asked = true);
        interruption.Dispose();
        interruption.OnSignal(new PosixSignalContext(PosixSignal.SIGTERM));
        Assert.True(asked);
        Assert.True(interruption.Token.IsCancellationRequested);
    }
}

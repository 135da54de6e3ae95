// The two ends of the command's output: results on standard output, everything else on standard error. Refuses to
// colour or move the cursor where nobody looks on.
using System.Text;
using Microsoft.Win32.SafeHandles;
using Spectre.Console;

namespace Unroll.Cli.Output;

/// <summary>Standard output and standard error, UTF-8 both, and what is known about who reads them.</summary>
internal sealed class Terminal
{
    private IAnsiConsole? outConsole;
    private IAnsiConsole? errorConsole;

    /// <param name="silent">Whether nothing is to be said: another process speaks.</param>
    /// <param name="isLog">Whether a launcher collects what several processes say. Some make it look like a terminal, and nobody sees its edge.</param>
    public Terminal(bool silent = false, bool isLog = false)
    {
        if (silent)
        {
            (Out, Error) = (new StreamWriter(Stream.Null), new StreamWriter(Stream.Null));
            return;
        }
        OutIsTerminal = !isLog && !Console.IsOutputRedirected;
        ErrorIsTerminal = !isLog && !Console.IsErrorRedirected;
        if (OperatingSystem.IsWindows() && (OutIsTerminal || ErrorIsTerminal))
            Console.OutputEncoding = new UTF8Encoding(false);
        Out = new StreamWriter(OpenOut(), new UTF8Encoding(false)) { NewLine = "\n" };
        Error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
    }

    /// <summary>Who speaks, where something is wrong.</summary>
    public string Name { get; init; } = "unroll";

    /// <summary>The style of what matters less.</summary>
    public static Style Quiet { get; } = new(Color.Grey);

    /// <summary>The style of what moves and grows.</summary>
    public static Style Bright { get; } = new(Color.Aqua);

    /// <summary>Results. Flushed at the end, or wherever a reader waits.</summary>
    public StreamWriter Out { get; init; }

    /// <summary>Progress, warnings and errors; flushed at every write.</summary>
    public StreamWriter Error { get; init; }

    /// <summary>Whether a person reads the results on a screen.</summary>
    public bool OutIsTerminal { get; }

    /// <summary>Whether a person reads the rest on a screen.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Whether lines already written may be drawn over.</summary>
    public bool ErrorIsLive => ErrorIsTerminal && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Results as tables and charts.</summary>
    public IAnsiConsole OutConsole => outConsole ??= CreateConsole(Out, OutIsTerminal);

    /// <summary>Progress as tables and live displays.</summary>
    public IAnsiConsole ErrorConsole => errorConsole ??= CreateConsole(Error, ErrorIsTerminal);

    /// <summary>Whether results may be in colour.</summary>
    public bool OutHasColours => OutIsTerminal && OutConsole.Profile.Capabilities.ColorSystem != ColorSystem.NoColors;

    /// <summary>The cells of a line of results; 0 where lines have no end.</summary>
    public int OutWidth => OutIsTerminal ? OutConsole.Profile.Width : 0;

    /// <summary>The cells of a line on standard error; 0 where lines have no end.</summary>
    public int ErrorWidth => ErrorIsTerminal ? ErrorConsole.Profile.Width : 0;

    /// <summary>Says something that is not a result.</summary>
    public void Note(string message) => Error.WriteLine(message);

    /// <summary>Warns about something that does not stop the work.</summary>
    public void Warn(string message) => Error.WriteLine($"{Name}: warning: {message}");

    /// <summary>Leaves the screen in order when a live display is cut short.</summary>
    public void BreakOff()
    {
        if (ErrorIsLive)
            Error.Write("\e[?25h\n");
    }

    // The runtime's own stream swallows a broken pipe, so that `unroll generate … | head -1` would go on for ever. A
    // plain file stream reports it. It is not used for files, where it would not share its position with other writers.
    private static Stream OpenOut()
    {
        if (!OperatingSystem.IsWindows() && Console.IsOutputRedirected)
        {
            try
            {
                var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
                if (!pipe.CanSeek)
                    return pipe;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return Stream.Null; // standard output is closed, or cannot be written to
            }
        }
        return Console.OpenStandardOutput();
    }

    private static IAnsiConsole CreateConsole(TextWriter writer, bool isTerminal)
    {
        bool cursor = isTerminal && Environment.GetEnvironmentVariable("TERM") != "dumb";
        bool colours = cursor && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new Screen(writer, isTerminal),
            Ansi = cursor ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
    }

    private sealed class Screen(TextWriter writer, bool isTerminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => isTerminal;

        public int Width => isTerminal && Size(() => Console.WindowWidth) is > 0 and int width ? width : 100;

        public int Height => isTerminal && Size(() => Console.WindowHeight) is > 0 and int height ? height : 24;

        public void SetEncoding(Encoding encoding)
        {
        }

        private static int Size(Func<int> ask)
        {
            try
            {
                return ask();
            }
            catch (IOException)
            {
                return 0;
            }
        }
    }
}

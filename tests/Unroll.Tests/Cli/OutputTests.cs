using System.Text;
using System.Xml.Linq;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Unroll.Cli.Training;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>The parts of the command that need no process.</summary>
public class OutputTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("3m", 180)]
    [InlineData("1h30m", 5400)]
    [InlineData("1.5m", 90)]
    [InlineData("2d", 172800)]
    public void Lengths_of_time_are_read_and_written(string text, int seconds)
    {
        TimeSpan time = Value.Time("--budget", text);
        Assert.Equal(TimeSpan.FromSeconds(seconds), time);
        Assert.Equal(time, Value.Time("--budget", Value.Text(time)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("m")]
    [InlineData("-3m")]
    [InlineData("3m4")]
    [InlineData("0s")]
    [InlineData("9999999999999d")]
    public void Other_words_are_no_length_of_time(string text) => Assert.Throws<UsageException>(() => Value.Time("--budget", text));

    [Theory]
    [InlineData(" ", "␣")]
    [InlineData("\n", "↵")]
    [InlineData("\e[31m", "␛[31m")]
    [InlineData("\u007F\u009B", "␡\\u{9B}")]
    [InlineData("\u0301", "◌\u0301")]
    [InlineData("\u202E", "\\u{202E}")]
    [InlineData("𠮷", "𠮷")]
    [InlineData("", "")]
    public void A_token_is_shown_safely(string token, string shown) => Assert.Equal(shown, VisibleText.Token(token));

    [Fact]
    public void Text_for_a_terminal_keeps_lines_and_joiners_but_no_escape() =>
        Assert.Equal("a\n\tb ␛[2J 👩\u200D🚀", VisibleText.Lines("a\n\tb \e[2J 👩\u200D🚀"));

    [Theory]
    [InlineData(false, "2 kB, 0:01\n63 kB, 0:31\n")]
    [InlineData(true, "\r2 kB, 0:01\e[K\r3 kB, 0:01\e[K\r4 kB, 0:01\e[K\r62 kB, 0:30\e[K\r63 kB, 0:31\e[K\r\e[K")]
    public void A_line_that_counts_is_seldom_and_on_a_terminal_live(bool live, string lines)
    {
        using var written = new MemoryStream();
        var terminal = new Terminal { Error = new StreamWriter(written) { AutoFlush = true, NewLine = "\n" }, ErrorIsTerminal = live };
        Assert.SkipUnless(terminal.ErrorIsLive == live, "The tests' own terminal is a dumb one.");
        var clock = new FakeClock();
        using (var line = new CountingLine(terminal, count => $"{count} kB", clock))
        {
            foreach ((int count, double after) in new[] { (1, 0.9), (2, 0.2), (3, 0.2), (4, 0.15), (5, 0.05), (62, 29), (63, 0.7) })
            {
                clock.Advance(TimeSpan.FromSeconds(after));
                line.Report(count);
            }
        }
        Assert.Equal(lines, Encoding.UTF8.GetString(written.ToArray()));
    }

    [Fact]
    public void A_plot_goes_on_where_the_earlier_run_was_saved()
    {
        using var folder = new TemporaryFolder();
        var plot = new PerplexityPlot(folder["a.svg"], "A & B <c>");
        for (int epoch = 1; epoch <= 5; epoch++)
            plot.Add(epoch, 10.0 / epoch, 12.0 / epoch);
        plot.Write();
        XDocument.Load(folder["a.svg"]);

        var resumed = new PerplexityPlot(folder["a.svg"], "A & B <c>");
        resumed.Continue();
        resumed.Add(4, 3, null);
        resumed.Write();
        string text = File.ReadAllText(folder["a.svg"]);
        Assert.EndsWith("<!-- unroll epoch,training,validation: 1,10,12 2,5,6 3,3.33333,4 4,3, -->\n", text);
        Assert.Equal(["a.svg"], folder.Files);
    }

    [Fact]
    public void A_plot_is_drawn_at_most_once_a_second_and_in_a_fiftieth_of_the_time()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal([0, 1, 2, 3], Drawn(new FakeClock()));
        Assert.Equal([0, 2.5], Drawn(new FakeClock(TimeSpan.FromSeconds(0.05)))); // a look at the clock before drawing, one after

        double[] Drawn(TimeProvider time)
        {
            var plot = new PerplexityPlot(folder["c.svg"], "", time);
            return [.. Enumerable.Range(0, 31).Select(tenths => tenths / 10.0).Where(seconds =>
            {
                File.Delete(folder["c.svg"]);
                plot.WriteNowAndThen(TimeSpan.FromSeconds(seconds));
                return File.Exists(folder["c.svg"]);
            })];
        }
    }

    [Fact]
    public void A_plot_of_anything_can_be_drawn()
    {
        using var folder = new TemporaryFolder();
        foreach (double[] curve in (double[][])[[], [1], [double.PositiveInfinity, 5], [double.NaN], [1, 1, 1], [1e300, 2], [60000, 3]])
        {
            var plot = new PerplexityPlot(folder["b.svg"], "");
            for (int epoch = 0; epoch < curve.Length; epoch++)
                plot.Add(epoch + 1, curve[epoch], null);
            plot.Write();
            Assert.DoesNotContain("NaN", XDocument.Load(folder["b.svg"]).Root!.ToString());
        }
    }
}

using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using CsCheck;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>What holds of any word whatever that a person may type.</summary>
public class ArgumentPropertyTests
{
    // Words that shells and parsers stumble over, more often than plain ones.
    private static readonly Gen<string> Words = Gen.OneOf(
        Gen.String, Gen.Char["'\"\\$`!&|;<>()*?[]{}~#%^ \t\n-=@aé時"].Array[0, 12].Select(characters => new string(characters)));

    [Fact]
    public void A_value_is_read_as_it_is_written_or_refused_in_a_sentence()
    {
        Gen.Long[0, long.MaxValue].Sample(number => Value.Whole("--n", $"{number}", 0) == number);
        Gen.ULong.Sample(number => Value.Seed("--seed", $"{number}") == number);
        Gen.Double[0, 1e300].Sample(number => Value.Number("--lr", Value.Text(number), 0) == number);
        Gen.Int[1, 100 * 24 * 60 * 60].Sample(seconds => Value.Time("--budget", Value.Text(TimeSpan.FromSeconds(seconds))) == TimeSpan.FromSeconds(seconds));
        Gen.Enum<CellKind>().Sample(cell => Value.Choice<CellKind>("--cell", $"{cell}".ToLowerInvariant()) == cell);
        Words.Sample(word =>
        {
            Refused(() => Value.Whole("--n", word, 0, 9) is >= 0 and <= 9, word);
            Refused(() => Value.Count("--n", word, 3) >= 3, word);
            Refused(() => Value.Number("--n", word, 0, 1, mostIncluded: false) is >= 0 and < 1, word);
            Refused(() => Value.Time("--n", word) > TimeSpan.Zero, word);
            Refused(() => Enum.IsDefined(Value.Choice<CellKind>("--n", word)), word);
            Refused(() => Value.Seed("--n", word) == ulong.Parse(word, CultureInfo.InvariantCulture), word);
        });

        static void Refused(Func<bool> isRight, string word)
        {
            try
            {
                Assert.True(isRight(), word);
            }
            catch (UsageException mistake)
            {
                Assert.StartsWith("--n takes ", mistake.Message);
                Assert.EndsWith($", not '{word}'.", mistake.Message);
            }
        }
    }

    [Fact]
    public void Any_command_line_makes_sense_or_is_refused_in_a_sentence()
    {
        Gen<string> word = Gen.OneOf(Words, Gen.Const("--hidden"), Gen.Const("--hiden"), Gen.Const("--tie"), Gen.Const("--"), Gen.Const("a.txt"), Gen.Const("--lr=3"), Gen.Const("-x"));
        word.Array[0, 8].Sample(words =>
        {
            var verb = new Probe();
            try
            {
                Mistakes.Check(verb.Parse(words, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null }));
            }
            catch (UsageException mistake)
            {
                Assert.EndsWith(mistake.Message.Contains("did you mean", StringComparison.Ordinal) ? "?" : ".", mistake.Message);
            }
        });
        // Behind two dashes everything is a file's name.
        Words.Where(text => text.Length > 0).Array[0, 8].Sample(words =>
        {
            var verb = new Probe();
            ParseResult result = verb.Parse(["--", .. words], new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
            Mistakes.Check(result);
            Assert.Equal(words, result.GetValue(verb.Files)!);
        });
    }

    [Fact]
    public void A_quoted_word_is_one_word_to_a_shell()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There need not be a sh.");
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process shell = Process.Start(start)!;
        // What files and arguments can hold: no NUL, no half of a surrogate pair.
        Gen<string> words = Words.Select(word => new UTF8Encoding().GetString(Encoding.UTF8.GetBytes(word)).Replace("\0", "", StringComparison.Ordinal));
        using Stream input = shell.StandardInput.BaseStream, output = shell.StandardOutput.BaseStream;
        words.Sample(word =>
        {
            byte[] expected = Encoding.UTF8.GetBytes(word), printed = new byte[expected.Length + 1];
            input.Write(Encoding.UTF8.GetBytes($"printf '%s\\0' {Invocation.Quote(word, forWindows: false)}\n"));
            input.Flush();
            output.ReadExactly(printed);
            Assert.Equal([.. expected, 0], printed);
        }, threads: 1, iter: 2000);
    }

    [Fact]
    public void A_quoted_word_is_one_word_to_a_program_on_Windows() => Words.Sample(word =>
        Assert.Equal(["program", word], SplitAsWindowsDoes("program " + Invocation.Quote(word, forWindows: true))));

    // The rules that C programs go by there: 2n backslashes and a quote are n backslashes and the quote's meaning, 2n + 1 are
    // n backslashes and a quote itself; elsewhere a backslash is a backslash.
    private static List<string> SplitAsWindowsDoes(string line)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            int start = i;
            while (i < line.Length && line[i] == '\\')
                i++;
            int backslashes = i - start;
            bool meetsQuote = i < line.Length && line[i] == '"';
            if (backslashes > 0)
                (word ??= new StringBuilder()).Append('\\', meetsQuote ? backslashes / 2 : backslashes);
            if (i == line.Length)
                break;
            if (meetsQuote && backslashes % 2 == 0)
            {
                quoted = !quoted;
                word ??= new StringBuilder();
            }
            else if (quoted || line[i] is not (' ' or '\t'))
                (word ??= new StringBuilder()).Append(line[i]);
            else if (word != null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }
        return word == null ? words : [.. words, word.ToString()];
    }

    private sealed class Probe : Verb
    {
        public Probe() : base("probe", "A verb that takes files.")
        {
            Arguments.Add(Files);
            Group("Options", Taking("--hidden", "N", ""), Switch("--tie", ""));
        }

        public Argument<string[]> Files { get; } = new("FILE") { Arity = ArgumentArity.ZeroOrMore };

        public override int Run(ParseResult arguments, Session session) => 0;
    }
}

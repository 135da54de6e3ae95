using System.Reflection;
using System.Text.RegularExpressions;
using Unroll.Cli.Output;
using Unroll.Tests.Cli;
using Xunit;

namespace Unroll.Tests.Architecture;

/// <summary>The library speaks of properties, the command line of flags, and each property has its flag.</summary>
public partial class MessageTests
{
    [Fact]
    public void The_library_says_no_flags()
    {
        List<string> texts = [.. CompiledCode.Methods(typeof(LanguageModel).Assembly).SelectMany(CompiledCode.Texts)];
        Assert.Contains(texts, text => text.Contains("must be between", StringComparison.Ordinal)); // a witness that they are read
        Assert.DoesNotContain(texts, text => FlagPattern().IsMatch(text));
    }

    [Fact]
    public void Every_option_has_a_flag_under_which_messages_name_it()
    {
        using var folder = new TemporaryFolder();
        string train = UnrollProcess.Run(folder.Path, "train", "--help").Succeeded().Out;
        string generate = UnrollProcess.Run(folder.Path, "generate", "--help").Succeeded().Out;
        string serve = UnrollProcess.Run(folder.Path, "serve", "--help").Succeeded().Out;
        Check(serve, typeof(Unroll.Web.ServeOptions));
        Check(train, typeof(ModelOptions), typeof(TextOptions), typeof(CorpusOptions), typeof(TrainingOptions), typeof(RunOptions));
        // Which of several samples a text is, is no option there: --count gives them all. What is there for the sake of OpenAI's
        // interface is not either: of letters every one has come soon, and nobody knows tokens by their ids. Ranks are a launcher's.
        Check(generate, typeof(GenerationOptions));
        Check(UnrollProcess.Run(folder.Path, "compress", "--help").Succeeded().Out, typeof(CompressionOptions));
        Check(UnrollProcess.Run(folder.Path, "import", "--help").Succeeded().Out, typeof(ImportOptions));

        static void Check(string help, params Type[] records)
        {
            string[] others = [nameof(GenerationOptions.Sample), nameof(GenerationOptions.PresencePenalty), nameof(GenerationOptions.FrequencyPenalty), nameof(GenerationOptions.LogitBias), nameof(RunOptions.Ranks)];
            foreach (PropertyInfo property in records.SelectMany(record => record.GetProperties()).Where(property => property.CanWrite && !others.Contains(property.Name)))
                Assert.Matches($@"(?m)^  {Flags.Of(property.Name)}\b", help);
        }
    }

    [GeneratedRegex("--[a-z]")]
    private static partial Regex FlagPattern();
}

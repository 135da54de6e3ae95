using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Unroll.Cli.Arguments;
using Unroll.Tests.Architecture;
using Xunit;

namespace Unroll.Tests.Readme;

/// <summary>What the documents show is real: C# that is compiled elsewhere, command lines that the command understands.</summary>
public partial class ReadmeTests
{
    private const string Chinese = ".zh-CN.md";

    public static TheoryData<string> Documents =>
        [.. Directory.EnumerateFiles(Repository.Root, "*.md").Concat(Directory.EnumerateFiles(Repository.Path("docs"), "*.md", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Originals => [.. Documents.Select(row => row.Data).Where(document => !document.EndsWith(Chinese, StringComparison.Ordinal))];

    public static TheoryData<string> Translations => [.. Documents.Select(row => row.Data).Where(document => document.EndsWith(Chinese, StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Originals))]
    public void Every_csharp_example_stands_in_a_program_that_is_compiled(string document)
    {
        List<string> programs = [.. Repository.SourceFiles("samples").Concat(Repository.SourceFiles("tests"))
            .Select(file => Normalise(File.ReadAllText(Repository.Path(file))))];
        foreach (string example in Fences(document, "csharp", "cs", "c#"))
            Assert.True(programs.Any(program => program.Contains(Normalise(example), StringComparison.Ordinal)),
                $"{document}: no file under samples/ or tests/ contains\n{example}");
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_command_line_makes_sense_to_the_command(string document)
    {
        foreach (string line in Fences(document, "sh", "bash", "shell", "console", "").SelectMany(CommandLines))
        {
            string[]? arguments = UnrollArguments(line);
            if (arguments is null or [] || arguments.Contains("--help") || arguments.Contains("--version"))
                continue;
            Exception? mistake = Record.Exception(() => Mistakes.Check(Parse(arguments)));
            Assert.True(mistake is null, $"{document}: {line}\n{mistake?.Message}");
        }
    }

    [Theory]
    [MemberData(nameof(Translations))]
    public void A_translation_shows_what_the_original_shows(string document)
    {
        string original = document.Replace(Chinese, ".md", StringComparison.Ordinal);
        Assert.Equal(Code(original), Code(document));
        Assert.Equal(Commands(original), Commands(document));

        // Comments, and the texts that a command is given, are in the reader's language.
        static IEnumerable<string> Code(string document) => Fences(document, "csharp").Select(code => Normalise(Comment().Replace(code, "")));
        static IEnumerable<string> Commands(string document) => Fences(document, "sh").SelectMany(CommandLines).Select(line => Quoted().Replace(line, "…"));
    }

    [Fact]
    public void The_readme_shows_how_to_start()
    {
        List<string> lines = [.. Fences("README.md", "sh", "").SelectMany(CommandLines)];
        Assert.Contains("dotnet run -c Release --project src/Unroll.Cli -- train", lines);
        Assert.Contains("dotnet test", lines);
        Assert.NotEmpty(Fences("README.md", "csharp"));
    }

    [Theory]
    [InlineData("unroll train --hiden 3")]
    [InlineData("unroll trian")]
    [InlineData("unroll list")]
    [InlineData("unroll generate model.safetensors --lenght 3")]
    public void A_wrong_command_line_would_be_found(string line) =>
        Assert.NotNull(Record.Exception(() => Mistakes.Check(Parse(UnrollArguments(line)!))));

    [Fact]
    public void Shell_lines_are_read_as_a_shell_reads_them()
    {
        Assert.Equal(
            ["unroll train a.txt --hidden 64", "unroll generate m", "echo done"],
            CommandLines("# a comment\n$ unroll train a.txt \\\n  --hidden 64   # and one more\n\nunroll generate m > out.txt 2>&1 && echo done\n"));
        Assert.Equal(["generate", "m", "--prefix", "time # traveller", "--stop", "a b"], UnrollArguments("FOO=1 unroll generate m --prefix 'time # traveller' --stop \"a b\"")!);
        Assert.Equal(["train"], UnrollArguments("dotnet run -c Release --project src/Unroll.Cli -- train")!);
        Assert.Null(UnrollArguments("dotnet tool install --global unroll"));
    }

    private static ParseResult Parse(string[] arguments)
    {
        List<Verb> verbs = [.. typeof(Verb).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Verb)) && !type.IsAbstract)
            .Select(type => (Verb)Activator.CreateInstance(type)!)];
        HashSet<string> inner = [.. verbs.SelectMany(verb => verb.Subcommands).Select(command => command.GetType().FullName!)];
        var root = new RootCommand();
        foreach (Verb verb in verbs.Where(verb => !inner.Contains(verb.GetType().FullName!)))
            root.Subcommands.Add(verb);
        Assert.NotEmpty(root.Subcommands);
        return root.Parse(arguments, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
    }

    /// <summary>The fenced blocks of a document in one of these languages.</summary>
    private static IEnumerable<string> Fences(string document, params string[] languages) =>
        Fence().Matches(File.ReadAllText(Repository.Path(document)).ReplaceLineEndings("\n"))
            .Where(match => languages.Contains(match.Groups["language"].Value)).Select(match => match.Groups["body"].Value);

    /// <summary>The single commands of a shell block: comments, prompts and redirections gone, continued lines joined.</summary>
    private static IEnumerable<string> CommandLines(string block) => block.Replace("\\\n", " ").Split('\n')
        .SelectMany(line => Part().Matches(line.Trim()).Select(match => match.Value).TakeWhile(part => part[0] != '#')
            .Aggregate(new List<List<string>> { new() }, (commands, part) =>
            {
                if (part is "|" or "&&" or "||" or ";")
                    commands.Add([]);
                else if (!(part == "$" && commands[^1].Count == 0))
                    commands[^1].Add(part);
                return commands;
            }))
        .Select(parts => string.Join(' ', parts.Where((part, i) => !Redirection().IsMatch(part) && !(i > 0 && Redirection().IsMatch(parts[i - 1]) && parts[i - 1][^1] is '>' or '<'))))
        .Where(command => command.Length > 0);

    /// <summary>What follows the command's name, unquoted; null for other programs' command lines.</summary>
    private static string[]? UnrollArguments(string line)
    {
        List<string> words = [.. Part().Matches(line).Select(match => match.Value).SkipWhile(word => Assignment().IsMatch(word))
            .Select(word => word.Trim('\'', '"'))];
        int start = words is ["unroll", ..] ? 1
            : words is ["dotnet", "run", ..] && words.Contains("src/Unroll.Cli") && words.Contains("--") ? words.IndexOf("--") + 1
            : -1;
        return start < 0 ? null : [.. words.Skip(start)];
    }

    // Formatting is nobody's concern here, and directives stand at the top of a file wherever the rest stands.
    private static string Normalise(string text) => WhiteSpace().Replace(Directive().Replace(text, ""), " ").Trim();

    [GeneratedRegex(@"^```(?<language>[\w#+-]*)[^\n]*\n(?<body>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("""(?:'[^']*'|"[^"]*"|[^\s'"#;|&]|(?<=\S)#|(?<=\d?>)&\d|&(?=\d))+|\#|&&|\|\||[|;&]""")]
    private static partial Regex Part();

    [GeneratedRegex(@"^\d?[<>]+")]
    private static partial Regex Redirection();

    [GeneratedRegex(" *//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^\w+=")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^(?:using [\w.]+;|#:.*)$", RegexOptions.Multiline)]
    private static partial Regex Directive();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}

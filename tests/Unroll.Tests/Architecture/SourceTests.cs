using System.Text.RegularExpressions;
using Xunit;

namespace Unroll.Tests.Architecture;

/// <summary>Rules of the house that the source text shows.</summary>
public partial class SourceTests
{
    private static readonly string[] Folders = ["src", "tests", "bench/Unroll.Benchmarks"];

    private static readonly string[] Libraries = ["Unroll", "Unroll.Web"];

    public static IEnumerable<string> Files => Folders.SelectMany(Repository.SourceFiles);

    public static IEnumerable<string> LibraryFiles => Libraries.SelectMany(library => Repository.SourceFiles($"src/{library}"));

    [Fact]
    public void A_file_s_namespace_is_its_folder_and_of_public_types_the_root() => Check(Files, (file, text) =>
    {
        Match declaration = NamespaceDeclaration().Match(text);
        if (!declaration.Success)
            return file.EndsWith("Program.cs", StringComparison.Ordinal) || !TopLevelType().IsMatch(text) ? null : "it declares no namespace";
        string expected = Path.GetDirectoryName(file)!.Replace('\\', '.').Replace('/', '.');
        expected = expected[(expected.IndexOf('.') + 1)..];
        // What a program uses comes with one `using Unroll`, whatever room it stands in.
        if (Libraries.FirstOrDefault(library => file.StartsWith($"src/{library}/", StringComparison.Ordinal)) is { } home
            && TopLevelType().Matches(text).Any(match => match.Groups["access"].Value == "public"))
            expected = home;
        return declaration.Groups[1].Value == expected ? null : $"its namespace is {declaration.Groups[1].Value}, its folder {expected}";
    });

    [Fact]
    public void A_library_file_has_one_public_type_and_its_name() => Check(LibraryFiles, (file, text) =>
    {
        MatchCollection all = TopLevelType().Matches(text);
        List<string> open = [.. all.Where(match => match.Groups["access"].Value == "public" && match.Groups["kind"].Value != "enum").Select(Name)];
        if (open.Count > 1)
            return $"it declares {string.Join(" and ", open)}";
        string name = Path.GetFileNameWithoutExtension(file);
        if (open.Count == 1)
            return open[0] == name ? null : $"it declares {open[0]}";
        // Small enums may stand beside their options; a file of enums alone is named after one.
        List<string> enums = [.. all.Where(match => match.Groups["access"].Value == "public").Select(Name)];
        return enums.Count == 0 || enums.Contains(name) ? null : $"it declares {string.Join(" and ", enums)}";

        static string Name(Match match) => match.Groups["name"].Value;
    });

    [Fact]
    public void Unsafe_code_stands_in_Kernels_only() => Check(
        LibraryFiles.Where(file => !file.StartsWith("src/Unroll/Kernels/", StringComparison.Ordinal)),
        (_, text) => UnsafeCode().Match(WithoutCommentsAndStrings(text)) is { Success: true } match ? $"it says '{match.Value}'" : null);

    [Fact]
    public void Names_say_what_a_thing_is() => Check(Files, (file, _) =>
        VagueName().Match(file) is { Success: true } match ? $"'{match.Value.Trim('/')}' says nothing" : null);

    [Fact]
    public void No_file_is_long() => Check(Files, (_, text) =>
        text.AsSpan().Count('\n') is > 400 and int lines ? $"it has {lines} lines" : null);

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Repository.Path("Unroll.slnx"));
        Check(Folders.SelectMany(folder => Directory.EnumerateFiles(Repository.Path(folder), "*.csproj", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))),
            (file, _) => solution.Contains($"\"{file}\"", StringComparison.Ordinal) ? null : "Unroll.slnx does not name it");
    }

    [Fact]
    public void Who_wants_Unroll_need_not_download_its_rivals()
    {
        Assert.DoesNotContain("rivals", File.ReadAllText(Repository.Path("Unroll.slnx")), StringComparison.Ordinal);
        IEnumerable<string> projects = Folders.SelectMany(folder => Directory.EnumerateFiles(Repository.Path(folder), "*.csproj", SearchOption.AllDirectories));
        Check(projects.Append(Repository.Path("Directory.Packages.props")).Select(file => Path.GetRelativePath(Repository.Root, file)), (_, text) =>
            text.Contains("torch", StringComparison.OrdinalIgnoreCase) || text.Contains("bench/rivals", StringComparison.Ordinal) ? "it names a rival's packages" : null);
    }

    private static void Check(IEnumerable<string> files, Func<string, string, string?> complaint)
    {
        List<string> all = [.. files];
        Assert.NotEmpty(all);
        List<string> wrong = [.. all.Select(file => (file, says: complaint(file, File.ReadAllText(Repository.Path(file)))))
            .Where(pair => pair.says is not null).Select(pair => $"{pair.file}: {pair.says}.")];
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static string WithoutCommentsAndStrings(string text) => CommentOrString().Replace(text, " ");

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();

    // With file-scoped namespaces a top-level type starts in the first column.
    [GeneratedRegex(@"^(?<access>public|internal) (?:(?:static|sealed|abstract|readonly|unsafe|partial|ref) )*(?<kind>record struct|record class|class|struct|record|interface|enum|delegate) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"\bunsafe\b|\bUnsafe\.\w+|\bMemoryMarshal\.GetReference\b|\bfixed ?\(")]
    private static partial Regex UnsafeCode();

    [GeneratedRegex(@"/[^/]*(?:Utils?|Utilit(?:y|ies)|Helpers?|Common|Misc|Manager|Base)(?:\.cs)?(?:/|$)")]
    private static partial Regex VagueName();

    [GeneratedRegex("""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])'""", RegexOptions.Singleline)]
    private static partial Regex CommentOrString();
}

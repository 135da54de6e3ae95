using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Unroll.Tests.Architecture;
using Xunit;

namespace Unroll.Tests.Readme;

/// <summary>What documents point to is there.</summary>
public partial class LinkTests
{
    private const string Chinese = ".zh-CN.md";

    private static readonly string[] Documents =
        [.. Directory.EnumerateFiles(Repository.Root, "*.md").Concat(((string[])["docs", "runs", "bench", "samples"]).SelectMany(folder =>
            Directory.EnumerateFiles(Repository.Path(folder), "*.md", SearchOption.AllDirectories)))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')).Where(file => !file.Contains("/bin/") && !file.Contains("/obj/")).Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_link_within_the_project_leads_somewhere()
    {
        List<string> dead = [];
        foreach (string document in Documents)
        {
            foreach (string link in Links(document).Where(link => !Elsewhere().IsMatch(link)))
            {
                string[] parts = link.Split('#', 2);
                string target = parts[0].Length == 0 ? document
                    : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, Uri.UnescapeDataString(parts[0]))).Replace('\\', '/');
                if (!Path.Exists(Repository.Path(target)) || (parts.Length == 2 && !Anchors(target).Contains(Uri.UnescapeDataString(parts[1]))))
                    dead.Add($"{document}: {link}");
            }
        }
        Assert.Empty(dead);
        Assert.True(Documents.Length > 40);
    }

    [Fact]
    public void Both_readmes_list_all_documents_in_the_same_order()
    {
        string[] english = [.. Listed("README.md").Where(link => !link.EndsWith(Chinese, StringComparison.Ordinal))];
        Assert.Equal(Documents.Where(document => document.StartsWith("docs/", StringComparison.Ordinal) && !document.EndsWith(Chinese, StringComparison.Ordinal)),
            english.Where(link => link.StartsWith("docs/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(english.Select(Translated), Listed("README.zh-CN.md"));
        Assert.Equal(english.Select(Translated).Where(link => link.EndsWith(Chinese, StringComparison.Ordinal)), Listed("README.md").Where(link => link.EndsWith(Chinese, StringComparison.Ordinal)));

        static string Translated(string document) => document.Replace(".md", Chinese, StringComparison.Ordinal) is string other && File.Exists(Repository.Path(other)) ? other : document;

        // Those of the last section.
        static IEnumerable<string> Listed(string readme) => Links(File.ReadAllText(Repository.Path(readme)).Split("\n## ")[^1], readme);
    }

    [Theory]
    [InlineData("Where the book's results end", "where-the-books-results-end")]
    [InlineData("`train`: 3 minutes, _or_ more (α₁)", "train-3-minutes-or-more-α₁")]
    [InlineData("A [link](there.md#x) in it", "a-link-in-it")]
    [InlineData("中文，以及 English", "中文以及-english")]
    public void A_heading_is_pointed_to_as_GitHub_names_it(string heading, string anchor) => Assert.Equal(anchor, Anchor(heading));

    private static IEnumerable<string> Links(string document) => Links(File.ReadAllText(Repository.Path(document)), document);

    // Code is no place for links.
    private static IEnumerable<string> Links(string text, string document) =>
        Link().Matches(Code().Replace(Fence().Replace(text.ReplaceLineEndings("\n"), ""), "")).Select(match => match.Groups["target"].Value)
            .Concat(Reference().Matches(text).Select(match => match.Groups["target"].Value))
            .Select(target => target.Length > 0 ? target : throw new InvalidOperationException($"{document} has a link to nothing."));

    private static HashSet<string> Anchors(string document)
    {
        var anchors = new HashSet<string>(StringComparer.Ordinal);
        if (!document.EndsWith(".md", StringComparison.Ordinal))
            return anchors;
        foreach (Match heading in Heading().Matches(Fence().Replace(File.ReadAllText(Repository.Path(document)).ReplaceLineEndings("\n"), "")))
        {
            string anchor = Anchor(heading.Groups["text"].Value), other = anchor;
            for (int again = 1; !anchors.Add(other); again++)
                other = $"{anchor}-{again}";
        }
        return anchors;
    }

    private static string Anchor(string heading)
    {
        var anchor = new StringBuilder();
        foreach (Rune rune in LinkText().Replace(heading, "${text}").Trim().EnumerateRunes())
        {
            if (rune.Value == ' ')
                anchor.Append('-');
            else if (rune.Value == '-' || Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherNumber or UnicodeCategory.LetterNumber)
                anchor.Append(Rune.ToLowerInvariant(rune));
        }
        return anchor.ToString();
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]*)(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^\[[^\]]+\]:\s*(?<target>\S+)", RegexOptions.Multiline)]
    private static partial Regex Reference();

    [GeneratedRegex(@"\[(?<text>[^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"^#{1,6} +(?<text>[^\n]+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^ *```.*?^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"`[^`\n]+`(?!\])")]
    private static partial Regex Code();

    [GeneratedRegex(@"^(?:https?|mailto):")]
    private static partial Regex Elsewhere();
}

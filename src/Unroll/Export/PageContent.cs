// The page's parts in their places: what stands between double braces in Page/page.html.
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Unroll.Export;

/// <summary>The bytes of a page.</summary>
internal sealed partial class PageContent
{
    private static readonly string[] Scripts = ["kernel", "network", "sampler", "tokens", "text", "words", "view", "play", "read", "page"];

    private readonly List<ReadOnlyMemory<byte>> parts = [];

    /// <param name="name">What the model is called.</param>
    /// <param name="model">Its description.</param>
    /// <param name="numbers">Its numbers.</param>
    public PageContent(string name, ReadOnlyMemory<byte> model, ReadOnlyMemory<byte> numbers)
    {
        string page = Text("page.html");
        int end = 0;
        foreach (Match place in Places().Matches(page))
        {
            Add(page[end..place.Index]);
            end = place.Index + place.Length;
            switch (place.Groups[1].Value)
            {
                case "name":
                    Add(WebUtility.HtmlEncode(name));
                    break;
                case "model":
                    parts.Add(model);
                    break;
                case "weights":
                    parts.Add(Base64(numbers.Span));
                    break;
                case "scripts":
                    Add(string.Join('\n', Scripts.Select(script => Text($"{script}.js"))));
                    break;
                case string styles when styles.EndsWith(".css", StringComparison.Ordinal):
                    Add(Text(styles));
                    break;
                case string file:
                    parts.Add(Base64(File(file)));
                    break;
            }
        }
        Add(page[end..]);
    }

    /// <summary>Bytes.</summary>
    public long Length => parts.Sum(part => (long)part.Length);

    /// <summary>Writes the page.</summary>
    public void Write(Stream stream)
    {
        foreach (ReadOnlyMemory<byte> part in parts)
            stream.Write(part.Span);
    }

    private void Add(string text) => parts.Add(Encoding.UTF8.GetBytes(text));

    private static byte[] Base64(ReadOnlySpan<byte> bytes)
    {
        byte[] text = new byte[System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(bytes.Length)];
        System.Buffers.Text.Base64.EncodeToUtf8(bytes, text, out _, out int written);
        return text[..written];
    }

    // The same on every machine, whatever a checkout has done to line ends.
    private static string Text(string file) => Encoding.UTF8.GetString(File(file)).ReplaceLineEndings("\n");

    private static byte[] File(string name)
    {
        using Stream content = typeof(PageContent).Assembly.GetManifestResourceStream($"page/{name}")!;
        byte[] bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        return bytes;
    }

    [GeneratedRegex(@"\{\{([a-z.]+)\}\}")]
    private static partial Regex Places();
}

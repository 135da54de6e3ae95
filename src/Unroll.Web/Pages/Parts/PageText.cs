using System.Text;
using Microsoft.AspNetCore.Components.Forms;
using Unroll.Web.Models;

namespace Unroll.Web.Pages.Parts;

/// <summary>Where pages have their texts from.</summary>
internal static class PageText
{
    /// <summary>A text as it was pasted, with the line breaks that models know.</summary>
    public static string Plain(string pasted) => pasted.Replace("\r\n", "\n", StringComparison.Ordinal);

    /// <summary>What is wrong with a text that a page is to look at; null = nothing.</summary>
    /// <param name="words">The reader's language.</param>
    /// <param name="text">The text.</param>
    /// <param name="most">The most characters that the page takes.</param>
    public static string? MistakeOf(Words words, string text, int most) =>
        text.Length == 0 ? words.NothingToRead : text.Length > most ? words.TextTooLong(text.Length, most) : null;

    /// <summary>Reads a file that was chosen.</summary>
    /// <param name="file">The file.</param>
    /// <param name="most">The most bytes, which it does not have more of.</param>
    /// <exception cref="DecoderFallbackException">It is not valid UTF-8.</exception>
    public static async Task<string> ReadAsync(IBrowserFile file, long most)
    {
        await using Stream content = file.OpenReadStream(most);
        using var reader = new StreamReader(content, new UTF8Encoding(false, throwOnInvalidBytes: true));
        return await reader.ReadToEndAsync();
    }

    /// <summary>Lets a model write a text of its own.</summary>
    public static async Task<string> WriteAsync(ServedModel model, GenerationOptions options)
    {
        using GenerationStream stream = model.Generator.Start(new GenerationRequest { Options = options });
        var written = new StringBuilder();
        while (await stream.Tokens.WaitToReadAsync())
            while (stream.Tokens.TryRead(out GeneratedToken token))
                written.Append(token.Text);
        return written.ToString();
    }
}

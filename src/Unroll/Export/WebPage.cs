// A model as one web page that needs nothing else: no server, no network, no module. The page itself is in Page/, readable; here a model's
// numbers are rounded, and put where the page looks for them.
using Unroll.Export;
using Unroll.Files;

namespace Unroll;

/// <summary>A model in a web page of one file: it writes, shows what it expects, and reads what one pastes, wherever there is a browser.</summary>
public sealed class WebPage
{
    private readonly PageContent content;

    private WebPage(LanguageModel model, LeftOut leftOut, PageContent content) => (Model, LeftOut, this.content) = (model, leftOut, content);

    /// <summary>The model as the page has it: with rounded weights, and without what is left out. The page's predictions are this model's,
    /// but for the last digits of single precision.</summary>
    public LanguageModel Model { get; }

    /// <summary>What the page has not.</summary>
    public LeftOut LeftOut { get; }

    /// <summary>Bytes of the page.</summary>
    public long Length => content.Length;

    /// <summary>Makes a page; the same model gives the same bytes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">What the page calls it.</param>
    /// <param name="options">How; null = the defaults.</param>
    /// <exception cref="UnrollException">The options make no sense, or even one network without anything else is too large.</exception>
    public static WebPage Of(LanguageModel model, string name, WebPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(name);
        options ??= new WebPageOptions();
        options.Validate();
        (LanguageModel fitting, LeftOut leftOut) = PageRoom.Fit(model, options);
        var numbers = new PackedNumbers(options.Bits);
        byte[] described = PageModel.Describe(fitting, name, options.Bits, leftOut, numbers);
        return new WebPage(fitting, leftOut, new PageContent(name, described, numbers.Bytes));
    }

    /// <summary>Writes the page, atomically: a crash leaves the old file or the new one.</summary>
    /// <exception cref="UnrollException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, Save);

    /// <summary>Writes the page into a stream, which is left open.</summary>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        content.Write(stream);
    }
}

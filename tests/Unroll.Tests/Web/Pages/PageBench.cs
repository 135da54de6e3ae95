using System.Text.Json;
using AngleSharp.Dom;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Unroll.Web;
using Unroll.Web.Models;
using Unroll.Web.Pages.Parts;
using Unroll.Web.Runs;

namespace Unroll.Tests.Web.Pages;

/// <summary>Components without a browser and without a server: tiny models, a folder for runs, and scripts that do nothing.</summary>
internal sealed class PageBench : IAsyncDisposable
{
    private readonly BunitContext context = new();
    private readonly ServedModels models;

    static PageBench() => BunitContext.DefaultWaitTimeout = TimeLimitAttribute.Limit * 0.8;

    /// <param name="code">The reader's language.</param>
    /// <param name="served">How many models are served: <c>one</c>, <c>two</c>.</param>
    public PageBench(string code = "en", int served = 1)
    {
        Words = Words.Of(code);
        ServedModelFile[] files = [.. ((string[])["one", "two"]).Take(served).Select(name => new ServedModelFile(Folder[$"{name}.safetensors"]))];
        foreach (ServedModelFile file in files)
            Model.Save(file.Path);
        models = ServedModels.Load(files, new ServeOptions { Threads = 1 });
        Shelf = new RunShelf(Folder.Path, [], threads: 1);
        context.Services.AddSingleton(models).AddSingleton(Shelf);
        context.RenderTree.Add<CascadingValue<Words>>(value => value.Add(cascading => cascading.Value, Words));
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        Script = context.JSInterop.SetupModule("/assets/pages.js");
        Script.Mode = JSRuntimeMode.Loose;
    }

    /// <summary>All that are served are this one.</summary>
    public static LanguageModel Model { get; } = Prediction.Models.Create();

    public TemporaryFolder Folder { get; } = new();

    public RunShelf Shelf { get; }

    public Words Words { get; }

    /// <summary>The pages' script.</summary>
    public BunitJSModuleInterop Script { get; }

    public BunitNavigationManager Navigation => context.Services.GetRequiredService<BunitNavigationManager>();

    /// <summary>The address's path and query.</summary>
    public string Address => new Uri(Navigation.Uri).PathAndQuery;

    /// <summary>Draws a component.</summary>
    public IRenderedComponent<T> Draw<T>(Action<ComponentParameterCollectionBuilder<T>>? parameters = null)
        where T : class, IComponent => context.Render<T>(parameters ?? (_ => { }));

    /// <summary>Goes to an address and draws its page.</summary>
    public IRenderedComponent<T> Open<T>(string address)
        where T : class, IComponent
    {
        Navigation.NavigateTo(address);
        return Draw<T>();
    }

    /// <summary>Puts a finished log into the folder.</summary>
    public void Log(string name, double loss = 2) => Folder.Write($"{name}.jsonl", $$$"""
        {"model":{"cell":"lstm","hidden":{{{name.Length}}}},"training":{"lr":{{{JsonSerializer.Serialize(loss)}}}},"trainingTokens":100,"fingerprint":"f"}
        {"epoch": 1, "update": 10, "tokens": 100, "seconds": 1.5, "loss": {{{JsonSerializer.Serialize(loss)}}}, "validationLoss": 1.5}
        {"epoch": 1, "sample": {"prefix": "It ", "text": "was here"}}

        """);

    public async ValueTask DisposeAsync()
    {
        await context.DisposeAsync();
        Shelf.Dispose();
        models.Dispose();
        Folder.Dispose();
    }
}

/// <summary>What a person sees and does.</summary>
internal static class PageBenchExtensions
{
    /// <summary>The text of all elements of a kind, one after another.</summary>
    public static string Seen<T>(this IRenderedComponent<T> page, string selector = "*")
        where T : class, IComponent => string.Concat(selector == "*" ? page.Nodes.Select(node => node.TextContent) : page.FindAll(selector).Select(element => element.TextContent));

    /// <summary>The control that a label names.</summary>
    public static IElement Labelled<T>(this IRenderedComponent<T> page, string label)
        where T : class, IComponent => page.FindAll("label").First(element => element.TextContent.TrimStart().StartsWith(label, StringComparison.Ordinal)).QuerySelector("input, select, textarea")!;

    /// <summary>The button that says something.</summary>
    public static IElement Button<T>(this IRenderedComponent<T> page, string text)
        where T : class, IComponent => page.FindAll("button").First(element => element.TextContent.Contains(text, StringComparison.Ordinal));

    /// <summary>The text, as the model wrote or read it.</summary>
    public static string Tokens<T>(this IRenderedComponent<T> page, int which = 0)
        where T : class, IComponent => page.FindAll(".tokens[role=group]")[which].TextContent.Replace("↵", "", StringComparison.Ordinal);

    /// <summary>Puts the pointer on a token.</summary>
    public static Task PointAsync<T>(this IRenderedComponent<T> page, int token, int which = 0)
        where T : class, IComponent => page.InvokeAsync(() => page.FindComponents<TokenText>()[which].Instance.Pointed(token));
}

using Unroll.Web.Models;

namespace Unroll.Web.Pages.Play;

/// <summary>A text and the texts that leave it, as the settings of a page name them.</summary>
internal sealed class TextTree
{
    private readonly ServedModel model;
    private readonly PlaySettings settings;

    private TextTree(ServedModel model, PlaySettings settings)
    {
        (this.model, this.settings) = (model, settings);
        Current = Root;
    }

    /// <summary>What the model writes by itself.</summary>
    public Branch Root { get; } = Branch.Root();

    /// <summary>The text that is shown.</summary>
    public Branch Current { get; private set; }

    /// <summary>Whether the settings, but for the paths and the pace, are the same.</summary>
    public bool IsOf(ServedModel other, PlaySettings others) =>
        other == model && others.First with { Path = "", Others = "", AtOnce = false } == settings.First with { Path = "", Others = "", AtOnce = false };

    /// <summary>A tree, of which nothing is written yet.</summary>
    public static TextTree Of(ServedModel model, PlaySettings settings) => new(model, settings);

    /// <summary>What cannot be of a path, since the model has no such token or the text no such place; null = nothing.</summary>
    public Fork? ImpossibleIn(string path) =>
        Fork.ParsePath(path).Where(fork => fork.At >= settings.Length || fork.Token >= model.Vocabulary.Count || fork.Token == Vocabulary.UnknownId).Select(fork => (Fork?)fork).FirstOrDefault();

    /// <summary>Makes the texts of the paths, and writes the one that is to be shown.</summary>
    /// <param name="path">The one to be shown, in which nothing is impossible.</param>
    /// <param name="others">The others.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="UnrollException">The model cannot write.</exception>
    public async Task WriteAsync(string path, string others, CancellationToken cancellationToken)
    {
        IReadOnlyList<Fork> shown = Fork.ParsePath(path);
        Branch branch = Root;
        foreach (Fork fork in shown)
        {
            // The beginning of the one it leaves, at least.
            Current = branch;
            if (branch.Tokens.Count <= fork.At)
                await branch.WriteAsync(model, settings, settings.Length, cancellationToken);
            if (branch.Tokens.Count < fork.At)
                break; // it ended before
            branch = branch.At(fork.At, fork.Token);
        }
        Current = branch;
        await branch.WriteAsync(model, settings, settings.Length, cancellationToken);
        foreach (string other in others.Split(';', StringSplitOptions.RemoveEmptyEntries))
            Find(Fork.ParsePath(other));
    }

    /// <summary>All texts, each after the one that it leaves, with how deep it stands.</summary>
    public IEnumerable<(Branch Branch, int Depth)> All() => Below(Root, 0);

    /// <summary>The paths of all texts but the one shown and the first.</summary>
    public string OtherPaths(Branch shown) =>
        string.Join(';', All().Select(entry => entry.Branch).Where(branch => branch != shown && branch.Parent is not null).Select(branch => Fork.PathOf(branch.Path)));

    // Others are written when they are looked at.
    private void Find(IReadOnlyList<Fork> path)
    {
        Branch branch = Root;
        foreach (Fork fork in path)
        {
            if (fork.Token >= model.Vocabulary.Count || branch.Tokens.Count <= fork.At)
                return;
            branch = branch.At(fork.At, fork.Token);
        }
    }

    private static IEnumerable<(Branch Branch, int Depth)> Below(Branch branch, int depth) =>
        branch.Children.SelectMany(child => Below(child, depth + 1)).Prepend((branch, depth));
}

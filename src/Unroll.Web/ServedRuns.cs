using Unroll.Generation;

namespace Unroll.Web;

/// <summary>The runs that the pages show. Every property has a default.</summary>
public sealed record ServedRuns
{
    /// <summary>The folder whose logs are shown, and in which pages start new runs, below <c>unroll-runs</c>; null = none.</summary>
    public string? Folder { get; init; }

    /// <summary>Logs elsewhere, as <c>unroll train --log</c> writes them.</summary>
    public IReadOnlyList<string> Logs { get; init => field = new TextList(value); } = TextList.Empty;
}

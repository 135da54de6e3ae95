namespace Unroll.Web;

/// <summary>A model file to be served.</summary>
/// <param name="Path">Where it is.</param>
public sealed record ServedModelFile(string Path)
{
    /// <summary>What clients call the model: the file's name without its extension, unless another is given.</summary>
    public string Id { get; init; } = System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Whether the model's memory of counts, if it has one, predicts beside its networks.</summary>
    public bool Memory { get; init; } = true;
}

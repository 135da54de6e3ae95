namespace Unroll.Web.Models;

/// <summary>The shelf: all models that are served, in the order in which they were named.</summary>
internal sealed class ServedModels : IDisposable
{
    private readonly List<ServedModel> all = [];

    /// <summary>Loads models.</summary>
    /// <exception cref="UnrollException">There is none, a file cannot be read, or two have one name.</exception>
    public static ServedModels Load(IReadOnlyList<ServedModelFile> files, ServeOptions options)
    {
        if (files.Count == 0)
            throw new UnrollException("There is no model to serve: name a model file.");
        if (files.GroupBy(file => file.Id).FirstOrDefault(group => group.Count() > 1) is { } twins)
            throw new UnrollException($"Two models are called \"{twins.Key}\" ({string.Join(" and ", twins.Select(file => file.Path).Take(2))}): rename one of the files.");
        var models = new ServedModels();
        try
        {
            foreach (ServedModelFile file in files)
            {
                LanguageModel model = LanguageModel.Load(file.Path);
                models.all.Add(new ServedModel(file.Id, file.Memory ? model : model.WithoutMemory(), File.GetLastWriteTimeUtc(file.Path), options.Batch));
            }
        }
        catch
        {
            models.Dispose();
            throw;
        }
        return models;
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<ServedModel> All => all;

    /// <summary>The one of a name; null where there is none.</summary>
    public ServedModel? Find(string id) => all.Find(model => model.Id == id);

    /// <summary>Ends every text of every model.</summary>
    public void Dispose() => all.ForEach(model => model.Dispose());
}

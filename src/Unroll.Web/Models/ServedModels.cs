namespace Unroll.Web.Models;

/// <summary>The shelf: all models that are served, in the order in which they were named.</summary>
internal sealed class ServedModels : IDisposable
{
    private readonly object gate = new();
    private readonly ServeOptions options;
    private readonly Dictionary<string, (string Path, DateTime Written)> sources = new(StringComparer.Ordinal);
    private readonly List<ServedModel> replaced = [];
    private ServedModel[] all = [];

    private ServedModels(ServeOptions options) => this.options = options;

    /// <summary>Loads models.</summary>
    /// <exception cref="UnrollException">There is none, a file cannot be read, or two have one name.</exception>
    public static ServedModels Load(IReadOnlyList<ServedModelFile> files, ServeOptions options)
    {
        if (files.GroupBy(file => file.Id).FirstOrDefault(group => group.Count() > 1) is { } twins)
            throw new UnrollException($"Two models are called \"{twins.Key}\" ({string.Join(" and ", twins.Select(file => file.Path).Take(2))}): rename one of the files.");
        var models = new ServedModels(options);
        try
        {
            foreach (ServedModelFile file in files)
                models.Put(file);
        }
        catch
        {
            models.Dispose();
            throw;
        }
        return models;
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<ServedModel> All => Volatile.Read(ref all);

    /// <summary>The one of a name; null where there is none.</summary>
    public ServedModel? Find(string id) => Array.Find(Volatile.Read(ref all), model => model.Id == id);

    /// <summary>Puts a model on the shelf, or a newer one in the place of its earlier self, whose texts under way come to their end.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="UnrollException">The file cannot be read.</exception>
    public string Put(ServedModelFile file)
    {
        lock (gate)
        {
            (string, DateTime) source = (Path.GetFullPath(file.Path), File.GetLastWriteTimeUtc(file.Path));
            if (sources.TryGetValue(file.Id, out (string, DateTime) known) && known == source)
                return file.Id;
            LanguageModel model = LanguageModel.Load(file.Path);
            var served = new ServedModel(file.Id, file.Memory ? model : model.WithoutMemory(), source.Item2, options.Batch);
            sources[file.Id] = source;
            int place = Array.FindIndex(all, other => other.Id == file.Id);
            if (place >= 0)
                replaced.Add(all[place]);
            Volatile.Write(ref all, place >= 0 ? [.. all[..place], served, .. all[(place + 1)..]] : [.. all, served]);
            // Who still writes with the last but one has had its time.
            while (replaced.Count > 1)
            {
                replaced[0].Dispose();
                replaced.RemoveAt(0);
            }
            return file.Id;
        }
    }

    /// <summary>Ends every text of every model.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            foreach (ServedModel model in all.Concat(replaced))
                model.Dispose();
        }
    }
}

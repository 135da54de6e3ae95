// `unroll data cache`: the files that long texts' ids are kept in. They are as great as the texts, and nobody else removes
// them.
using System.CommandLine;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Unroll.Data.Ids;

namespace Unroll.Cli;

internal sealed class CacheVerb : Verb
{
    private readonly Option<bool> clear = Switch("--clear", "remove them all");
    private readonly Option<bool> json = Switch("--json", "one JSON object instead of a table: caches [{text, bytes, path}]");

    public CacheVerb() : base("cache", "Lists the files that keep the ids of long texts (64 MiB and more), or removes them.")
    {
        Group("Options", clear, json);
        Remarks.Add("They lie in the user's cache folder (XDG_CACHE_HOME, or .cache in HOME). A run that needs one that is gone, damaged or "
            + "of another content reads its text again. A run under way keeps what it has.");
    }

    public override int Run(ParseResult arguments, Session session)
    {
        IdCacheFolder folder = IdCacheFolder.Ours;
        int code = 0;
        if (arguments.GetValue(clear))
        {
            (long freed, IReadOnlyList<(string Path, string Reason)> left) = folder.Clear();
            session.Terminal.Note($"removed {Figures.Bytes(freed)}");
            foreach ((string path, string reason) in left)
                session.Terminal.Warn($"\"{path}\" cannot be removed: {reason}.");
            code = left.Count == 0 ? 0 : 1;
        }
        IReadOnlyList<(string Path, long Bytes, string? Name)> files = folder.List();
        if (arguments.GetValue(json))
        {
            JsonOutput.Write(
                session.Terminal.Out, new CacheJson([.. files.Select(file => new CacheFileJson(file.Name, file.Bytes, file.Path))]), JsonOutput.Readable.CacheJson);
            return code;
        }
        if (files.Count == 0)
        {
            session.Terminal.Note(folder.Path is string path ? $"no long texts are kept in {path}" : "this user has no cache folder");
            return code;
        }
        var facts = new Facts();
        foreach ((string path, long bytes, string? name) in files)
            facts.Add(name is null ? "(damaged)" : VisibleText.Line(name), Figures.Bytes(bytes), path);
        facts.Write(session.Terminal.Out, session.Terminal.OutWidth);
        return code;
    }
}

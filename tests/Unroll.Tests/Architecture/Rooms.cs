using System.Text.RegularExpressions;

namespace Unroll.Tests.Architecture;

/// <summary>Which folder a type's source stands in. Public types share one namespace, so their rooms are read from the source.</summary>
internal static partial class Rooms
{
    private static readonly Dictionary<string, string> Homes = Find();

    /// <summary>The folder of a type's source below <c>src/</c>, such as <c>Unroll/Data/Tokens</c>.</summary>
    public static string Of(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        string name = type.Name.Split('`')[0];
        string place = $"{type.Assembly.GetName().Name}/{name}";
        return Homes.TryGetValue(place, out string? room)
            ? room
            : throw new InvalidOperationException($"No file of src/{type.Assembly.GetName().Name} declares {name}.");
    }

    private static Dictionary<string, string> Find()
    {
        var homes = new Dictionary<string, string>();
        foreach (string file in Repository.SourceFiles("src"))
        {
            string room = Path.GetDirectoryName(file)!.Replace('\\', '/')["src/".Length..];
            foreach (Match match in TopLevelType().Matches(File.ReadAllText(Repository.Path(file))))
            {
                string place = $"{room.Split('/')[0]}/{match.Groups["name"].Value}";
                // A type and its generic twin may share a file; two rooms with one name would hide each other.
                if (!homes.TryAdd(place, room) && homes[place] != room)
                    throw new InvalidOperationException($"{place} is declared in {homes[place]} and in {room}.");
            }
        }
        // A page's type has its file's name.
        foreach (string file in Repository.Files("src", "*.razor"))
            homes[$"{file.Split('/')[1]}/{Path.GetFileNameWithoutExtension(file)}"] = Path.GetDirectoryName(file)!.Replace('\\', '/')["src/".Length..];
        return homes;
    }

    // With file-scoped namespaces a top-level type starts in the first column.
    [GeneratedRegex(@"^(?:public|internal) (?:(?:static|sealed|abstract|readonly|unsafe|partial|ref) )*(?:record struct|record class|class|struct|record|interface|enum|delegate \w+) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();
}

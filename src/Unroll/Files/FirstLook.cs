namespace Unroll.Files;

/// <summary>A first look at what a name stands for. It takes nothing out of a pipe and wakes no device.</summary>
internal static class FirstLook
{
    /// <summary>The file behind a name, links followed; null where there is none, it is empty, or it is a folder, a pipe or a device.</summary>
    public static FileInfo? File(string path)
    {
        var file = new FileInfo(RealPath(path));
        return file.Exists && file.LinkTarget is null && file.Length > 0 ? file : null; // pipes and devices have no length
    }

    /// <summary>Whether there is anything at all under a name, links followed.</summary>
    public static bool Exists(string path) => Path.Exists(RealPath(path));

    /// <summary>Whether a file looks like a model: safetensors begin with the length of their header, eight bytes, and the
    /// header's brace. No text does: the length's high bytes are zero.</summary>
    public static bool IsModel(string path)
    {
        if (File(path) is not { } file)
            return false;
        Span<byte> start = stackalloc byte[9];
        using FileStream content = file.OpenRead();
        bool complete = content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length;
        return complete && start[8] == '{' && !start[4..8].ContainsAnyExcept((byte)0);
    }

    /// <summary>Whether two names stand for the same place, whatever they are spelt like and whatever links lead there.</summary>
    public static bool IsSame(string a, string b) => string.Equals(
        RealPath(a), RealPath(b), OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);

    /// <summary>The whole path with the links of its folders and its own followed, as far as they lead.</summary>
    public static string RealPath(string path)
    {
        path = Path.GetFullPath(path);
        if (Path.GetDirectoryName(path) is not { } folder)
            return path;
        path = Path.Combine(RealPath(folder), Path.GetFileName(path));
        try
        {
            return new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealPath(target.FullName) : path;
        }
        catch (IOException)
        {
            return path; // links that lead round in a circle
        }
    }
}

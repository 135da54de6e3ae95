namespace Unroll.Tests;

/// <summary>A folder of a test's own, deleted with everything in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("unroll-tests-");

    public string Path => folder.FullName;

    /// <summary>The names of the files in it, in order.</summary>
    public string[] Files => [.. folder.EnumerateFiles("*", new EnumerationOptions { AttributesToSkip = 0 }).Select(file => file.Name).Order(StringComparer.Ordinal)];

    /// <summary>The path of a name in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a text into a file and gives its path.</summary>
    public string Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes into a file, in a folder of its own where the name has one, and gives its path.</summary>
    public string Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public void Dispose() => folder.Delete(recursive: true);
}

using Xunit;

namespace Unroll.Tests.Data;

/// <summary>Real texts that are no part of the project: in the folder that UNROLL_DATA names, or beside the repository.</summary>
internal static class RealTexts
{
    /// <summary>The path of a text; skips the test where it is absent.</summary>
    public static string Path(string name)
    {
        string? folder = Environment.GetEnvironmentVariable("UNROLL_DATA") ?? BesideRepository();
        string path = System.IO.Path.Combine(folder ?? "", name);
        if (!File.Exists(path))
            Assert.Skip($"{name} is not here: set UNROLL_DATA to the folder that holds it.");
        return path;
    }

    private static string? BesideRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Unroll.slnx")))
                return System.IO.Path.Combine(folder.FullName, "..", "shared", "data");
        }
        return null;
    }
}

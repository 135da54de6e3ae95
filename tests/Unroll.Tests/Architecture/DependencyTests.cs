using System.Reflection;
using System.Xml.Linq;
using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Architecture;

/// <summary>Who may know whom, read from the compiled library.</summary>
public class DependencyTests
{
    // Cli → Training, Generation → Checkpoints → Model → Kernels, Data; the root namespace is known to all and knows nobody.
    private static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["Unroll"] = [],
        ["Unroll.Data"] = ["Unroll"],
        ["Unroll.Kernels"] = ["Unroll"],
        ["Unroll.Model"] = ["Unroll", "Unroll.Data", "Unroll.Kernels"],
        ["Unroll.Checkpoints"] = ["Unroll", "Unroll.Data", "Unroll.Kernels", "Unroll.Model"],
        ["Unroll.Training"] = ["Unroll", "Unroll.Data", "Unroll.Kernels", "Unroll.Model", "Unroll.Checkpoints"],
        ["Unroll.Generation"] = ["Unroll", "Unroll.Data", "Unroll.Kernels", "Unroll.Model", "Unroll.Checkpoints"],
    };

    private static readonly Assembly Library = typeof(LanguageModel).Assembly;

    [Fact]
    public void Every_namespace_knows_only_those_below_it()
    {
        var wrong = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Type type in Library.GetTypes().Where(IsOurs))
        {
            Assert.True(MayKnow.TryGetValue(type.Namespace!, out string[]? allowed), $"{type.FullName}: the namespace has no place in the house.");
            foreach (Type other in CompiledCode.Types(type).Where(other => other.Assembly == Library && IsOurs(other)))
                if (other.Namespace != type.Namespace && !allowed.Contains(other.Namespace))
                    wrong.Add($"{type.FullName} uses {other.FullName}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void The_library_depends_on_nothing_but_the_platform()
    {
        Assert.DoesNotContain(Library.GetReferencedAssemblies(), name => !name.Name!.StartsWith("System.", StringComparison.Ordinal));
        var project = XDocument.Load(Repository.Path("src", "Unroll", "Unroll.csproj"));
        Assert.Empty(project.Descendants("PackageReference"));
        Assert.Empty(project.Descendants("ProjectReference"));
    }

    // The compiler's own types (inline arrays, embedded attributes) stand elsewhere or nowhere.
    private static bool IsOurs(Type type) => type.Namespace?.Split('.')[0] == "Unroll";
}

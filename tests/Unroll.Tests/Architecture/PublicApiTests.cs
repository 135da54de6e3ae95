using System.Reflection;
using System.Runtime.CompilerServices;
using PublicApiGenerator;
using Unroll.Extensions.AI;
using Xunit;

namespace Unroll.Tests.Architecture;

/// <summary>What others may build upon changes on purpose only.</summary>
public class PublicApiTests
{
    private static readonly Assembly[] Libraries = [typeof(LanguageModel).Assembly, typeof(Unroll.Web.WebServer).Assembly, typeof(UnrollChatClient).Assembly, typeof(Unroll.Onnx.OnnxFile).Assembly, typeof(Unroll.Mpi.MpiRanks).Assembly];

    // The platform wants a page's parts to be public; they are nobody's to build upon.
    private static readonly string[] Pages = ["Unroll.Web.Pages"];

    [Fact]
    public void The_public_interface_is_the_agreed_one() => Check(typeof(LanguageModel).Assembly, "PublicApi");

    [Fact]
    public void The_server_s_public_interface_is_the_agreed_one() => Check(typeof(Unroll.Web.WebServer).Assembly, "PublicApi.Web");

    [Fact]
    public void So_is_that_for_dotnet_s_abstractions() => Check(typeof(UnrollChatClient).Assembly, "PublicApi.Extensions.AI");

    [Fact]
    public void So_is_that_of_ONNX() => Check(typeof(Unroll.Onnx.OnnxFile).Assembly, "PublicApi.Onnx");

    [Fact]
    public void And_that_for_many_machines() => Check(typeof(Unroll.Mpi.MpiRanks).Assembly, "PublicApi.Mpi");

    private static void Check(Assembly assembly, string name)
    {
        string received = assembly
            .GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = Pages })
            .ReplaceLineEndings("\n").TrimEnd() + "\n";
        string agreedFile = Repository.Path("tests", "Unroll.Tests", "Architecture", $"{name}.txt");
        string agreed = File.Exists(agreedFile) ? File.ReadAllText(agreedFile).ReplaceLineEndings("\n") : "";
        if (received == agreed)
            return;
        string receivedFile = Path.Combine(AppContext.BaseDirectory, $"{name}.received.txt");
        File.WriteAllText(receivedFile, received);
        string[] were = agreed.Split('\n'), are = received.Split('\n');
        Assert.Fail($"""
            The public interface has changed.
            Gone:
            {string.Join('\n', were.Except(are))}
            New:
            {string.Join('\n', are.Except(were))}
            If this is meant, accept it:
            cp {receivedFile} {agreedFile}
            """);
    }

    [Fact]
    public void Options_are_immutable_and_complete_without_arguments()
    {
        List<Type> options = [.. Libraries.SelectMany(library => library.GetExportedTypes()).Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal))];
        Assert.NotEmpty(options);
        foreach (Type type in options)
        {
            object defaults = Activator.CreateInstance(type)!;
            Assert.Equal(defaults, Activator.CreateInstance(type));
            foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
                Assert.Contains(typeof(IsExternalInit), property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers());
        }
    }
}

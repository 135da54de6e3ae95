using System.Reflection;
using System.Runtime.CompilerServices;
using PublicApiGenerator;
using Xunit;

namespace Unroll.Tests.Architecture;

/// <summary>What others may build upon changes on purpose only.</summary>
public class PublicApiTests
{
    [Fact]
    public void The_public_interface_is_the_agreed_one()
    {
        string received = typeof(LanguageModel).Assembly
            .GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false })
            .ReplaceLineEndings("\n").TrimEnd() + "\n";
        string agreedFile = Repository.Path("tests", "Unroll.Tests", "Architecture", "PublicApi.txt");
        string agreed = File.Exists(agreedFile) ? File.ReadAllText(agreedFile).ReplaceLineEndings("\n") : "";
        if (received == agreed)
            return;
        string receivedFile = Path.Combine(AppContext.BaseDirectory, "PublicApi.received.txt");
        File.WriteAllText(receivedFile, received);
        string[] were = agreed.Split('\n'), are = received.Split('\n');
        Assert.Fail($"""
            The library's public interface has changed.
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
        List<Type> options = [.. typeof(LanguageModel).Assembly.GetExportedTypes().Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal))];
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

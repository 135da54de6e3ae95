using System.Reflection;
using System.Xml.Linq;
using Xunit;

namespace Unroll.Tests.Architecture;

/// <summary>Who may know whom, read from what is compiled.</summary>
public class DependencyTests
{
    // Each room with those it may know. A room knows itself, the root (exceptions, random numbers) and its own inner rooms'
    // rules below; nothing else. Files, Kernels and Options know nobody. Of the
    // command's and the server's rooms only their order among themselves is told; every room of the library is below them.
    private static readonly Dictionary<string, string[]> MayKnow = new()
    {
        ["Unroll"] = [],
        ["Unroll/Files"] = [],
        ["Unroll/Options"] = [],
        ["Unroll/Kernels"] = [],
        // Within Data: Sources, then Tokens, then Ids, then Data itself, which makes corpora and windows of them.
        ["Unroll/Data/Sources"] = [],
        ["Unroll/Data/Tokens"] = ["Unroll/Options", "Unroll/Data/Sources"],
        ["Unroll/Data/Ids"] = ["Unroll/Options", "Unroll/Files", "Unroll/Data/Sources", "Unroll/Data/Tokens"],
        ["Unroll/Data"] = ["Unroll/Options", "Unroll/Data/Sources", "Unroll/Data/Tokens", "Unroll/Data/Ids"],
        ["Unroll/Counts"] = ["Unroll/Options", "Unroll/Data/Tokens", "Unroll/Kernels"],
        ["Unroll/Ranks"] = ["Unroll/Kernels"],
        ["Unroll/Model"] = ["Unroll/Ranks", "Unroll/Options", "Unroll/Counts", "Unroll/Data", "Unroll/Data/Tokens", "Unroll/Data/Ids", "Unroll/Kernels"],
        ["Unroll/Checkpoints"] = ["Unroll/Options", "Unroll/Counts", "Unroll/Files", "Unroll/Data/Tokens", "Unroll/Kernels", "Unroll/Model"],
        ["Unroll/Training"] = ["Unroll/Ranks", "Unroll/Options", "Unroll/Counts", "Unroll/Data", "Unroll/Data/Sources", "Unroll/Data/Tokens", "Unroll/Data/Ids", "Unroll/Kernels", "Unroll/Model", "Unroll/Checkpoints"],
        ["Unroll/Prediction"] = ["Unroll/Options", "Unroll/Data/Sources", "Unroll/Data/Tokens", "Unroll/Kernels", "Unroll/Model"],
        ["Unroll/Looking"] = ["Unroll/Options", "Unroll/Data/Tokens", "Unroll/Kernels", "Unroll/Model", "Unroll/Prediction"],
        ["Unroll/Generation"] = ["Unroll/Options", "Unroll/Data/Sources", "Unroll/Data/Tokens", "Unroll/Kernels", "Unroll/Model", "Unroll/Prediction"],
        ["Unroll/Export"] = ["Unroll/Options", "Unroll/Files", "Unroll/Data/Tokens", "Unroll/Kernels", "Unroll/Model", "Unroll/Prediction"],
        ["Unroll/Compression"] = ["Unroll/Options", "Unroll/Data/Tokens", "Unroll/Kernels", "Unroll/Model", "Unroll/Prediction"],
        ["Unroll/Import"] = ["Unroll/Options", "Unroll/Data/Tokens", "Unroll/Model", "Unroll/Checkpoints"],
        // What a run leaves behind: its log, and what the model said.
        ["Unroll/Runs"] = ["Unroll/Options", "Unroll/Files", "Unroll/Data", "Unroll/Data/Tokens", "Unroll/Data/Ids", "Unroll/Model", "Unroll/Checkpoints", "Unroll/Training", "Unroll/Generation"],
        ["Unroll.Web"] = [],
        ["Unroll.Web/Models"] = ["Unroll.Web"],
        ["Unroll.Web/Safety"] = ["Unroll.Web"],
        ["Unroll.Web/Metrics"] = ["Unroll.Web", "Unroll.Web/Models", "Unroll.Web/Sessions"],
        ["Unroll.Web/Sessions"] = ["Unroll.Web", "Unroll.Web/Models", "Unroll.Web/Safety"],
        ["Unroll.Web/Api"] = ["Unroll.Web", "Unroll.Web/Metrics", "Unroll.Web/Models", "Unroll.Web/Safety", "Unroll.Web/Sessions"],
        ["Unroll.Web/Hosting"] = ["Unroll.Web", "Unroll.Web/Api", "Unroll.Web/Metrics", "Unroll.Web/Models", "Unroll.Web/Safety", "Unroll.Web/Sessions", "Unroll.Web/Runs", "Unroll.Web/Pages"],
        ["Unroll.Web/Runs"] = [],
        ["Unroll.Web/Pages/Parts"] = ["Unroll.Web/Models", "Unroll.Web/Runs"],
        ["Unroll.Web/Pages/Play"] = ["Unroll.Web/Models", "Unroll.Web/Pages/Parts"],
        ["Unroll.Web/Pages/Read"] = ["Unroll.Web/Models", "Unroll.Web/Pages/Parts"],
        ["Unroll.Web/Pages/Inside"] = ["Unroll.Web/Models", "Unroll.Web/Runs", "Unroll.Web/Pages/Parts"],
        ["Unroll.Web/Pages/Runs"] = ["Unroll.Web", "Unroll.Web/Models", "Unroll.Web/Runs", "Unroll.Web/Pages/Parts"],
        ["Unroll.Web/Pages"] = ["Unroll.Web/Pages/Parts"],
        ["Unroll.Onnx"] = [],
        ["Unroll.Extensions.AI"] = [],
        ["Unroll.Mpi"] = ["Unroll/Ranks"],
        ["Unroll.Cli/Output"] = [],
        ["Unroll.Cli/Arguments"] = ["Unroll.Cli/Output"],
        ["Unroll.Cli/Evaluating"] = ["Unroll.Cli/Output"],
        ["Unroll.Cli/Exporting"] = ["Unroll.Cli/Output"],
        ["Unroll.Cli/Measuring"] = ["Unroll.Cli/Output"],
        ["Unroll.Cli/Inspecting"] = ["Unroll.Cli/Arguments", "Unroll.Cli/Output"],
        ["Unroll.Cli/Generating"] = ["Unroll.Cli/Arguments", "Unroll.Cli/Output"],
        ["Unroll.Cli/Training"] = ["Unroll.Cli/Arguments", "Unroll.Cli/Output"],
        ["Unroll.Cli/Compressing"] = ["Unroll.Cli/Arguments", "Unroll.Cli/Output"],
        ["Unroll.Cli/Sweeping"] = ["Unroll.Cli/Arguments", "Unroll.Cli/Output"],
        ["Unroll.Cli"] = ["Unroll.Cli/Arguments", "Unroll.Cli/Compressing", "Unroll.Cli/Evaluating", "Unroll.Cli/Exporting", "Unroll.Cli/Generating", "Unroll.Cli/Inspecting", "Unroll.Cli/Measuring", "Unroll.Cli/Output", "Unroll.Cli/Sweeping", "Unroll.Cli/Training"],
    };

    // The verb `serve`, and the option --watch of `train`, which asks one of these when it is given.
    private static readonly string[] Served = ["ServeVerb", "WatchedRun"];

    private static readonly Assembly Library = typeof(LanguageModel).Assembly;

    private static readonly Assembly Abstractions = typeof(Unroll.Extensions.AI.UnrollChatClient).Assembly;

    private static readonly Assembly Onnx = typeof(Unroll.Onnx.OnnxFile).Assembly;

    private static readonly Assembly Command = typeof(Unroll.Cli.Output.Terminal).Assembly;

    private static readonly Assembly Server = typeof(Unroll.Web.WebServer).Assembly;

    [Fact]
    public void Every_room_of_the_library_knows_only_those_below_it() => Check(Library);

    [Fact]
    public void What_stands_behind_dotnet_s_abstractions_knows_the_library_and_these_only()
    {
        Check(Abstractions);
        Assert.Equal(["Microsoft.Extensions.AI.Abstractions", "Unroll"],
            Abstractions.GetReferencedAssemblies().Select(name => name.Name!).Where(name => !name.StartsWith("System.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        // What anybody may do with the library: nothing of it is open to this package alone.
        Assert.DoesNotContain("Unroll.Extensions.AI", File.ReadAllText(Repository.Path("src", "Unroll", "Unroll.csproj")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_writes_ONNX_knows_the_library_and_the_format_s_messages_only()
    {
        Check(Onnx);
        Assert.Equal(["Google.Protobuf", "Unroll"],
            Onnx.GetReferencedAssemblies().Select(name => name.Name!).Where(name => !name.StartsWith("System.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_ranks_of_an_MPI_job_know_the_library_s_ranks_only() => Check(typeof(Unroll.Mpi.MpiRanks).Assembly);

    [Fact]
    public void Only_what_joins_a_launcher_s_ranks_needs_the_library_of_messages()
    {
        string[] knowing = [.. CompiledCode.Methods(Command)
            .Where(method => CompiledCode.Members(method).Any(member => (member as Type ?? member.DeclaringType)?.Assembly == typeof(Unroll.Mpi.MpiRanks).Assembly))
            .Select(method => $"{CompiledCode.Owner(method).Name}.{method.Name}").Distinct()];
        Assert.Equal(["ManyMachines.Join"], knowing);
    }

    [Fact]
    public void Every_room_of_the_command_knows_only_those_below_it() => Check(Command);

    [Fact]
    public void Every_room_of_the_server_knows_only_those_below_it() => Check(Server);

    [Fact]
    public void Only_serve_and_watch_need_the_server_and_only_when_they_run()
    {
        // Loading it would make every other verb start later. Making a verb must not need it either: all are made, whichever is asked for.
        string[] knowing = [.. CompiledCode.Methods(Command)
            .Where(method => CompiledCode.Members(method).Any(member => (member as Type ?? member.DeclaringType)?.Assembly is { } home
                && (home == Server || home.GetName().Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal))))
            .Select(method => $"{CompiledCode.Owner(method).Name}.{method.Name}").Distinct()];
        Assert.Contains("ServeVerb.Run", knowing);
        Assert.DoesNotContain(knowing, name => !Served.Any(type => name.StartsWith($"{type}.", StringComparison.Ordinal)) || name.Contains("ctor", StringComparison.Ordinal));
        Assert.DoesNotContain(typeof(Unroll.Cli.Output.Terminal).Assembly.GetType("Unroll.Cli.ServeVerb")!.GetFields(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic), field => field.FieldType.Assembly == Server);
    }

    private static void Check(Assembly assembly)
    {
        var wrong = new SortedSet<string>(StringComparer.Ordinal);
        foreach (Type type in OurTypes(assembly))
        {
            string room = Rooms.Of(type);
            Assert.True(MayKnow.TryGetValue(room, out string[]? allowed), $"{type.FullName}: {room} has no place in the house.");
            foreach (Type other in CompiledCode.Types(type).Where(other => IsOurs(other, assembly)))
            {
                string its = Rooms.Of(other);
                if (its != room && its != "Unroll" && !allowed.Contains(its))
                    wrong.Add($"{room} → {its}: {type.Name} uses {other.Name}");
            }
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

    private static IEnumerable<Type> OurTypes(Assembly assembly) => assembly.GetTypes().Where(type => IsOurs(type, assembly));

    // The compiler's own types (inline arrays, embedded attributes, generated regular expressions) stand elsewhere, protoc's in no file of ours.
    private static bool IsOurs(Type type, Assembly assembly)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.Assembly == assembly && type.Namespace?.Split('.')[0] == "Unroll" && type.Namespace != "Unroll.Onnx.Format" && !type.Name.StartsWith('<');
    }
}

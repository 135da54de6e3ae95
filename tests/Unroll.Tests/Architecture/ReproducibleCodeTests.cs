using System.Reflection;
using Xunit;

namespace Unroll.Tests.Architecture;

/// <summary>
/// What the library calls must give the same bits everywhere and every time: no function that the platform's mathematics
/// library rounds as it likes, no random source but its own, no clock, no hash that differs between runs.
/// </summary>
public class ReproducibleCodeTests
{
    // Exactly rounded, or exact.
    private static readonly HashSet<string> ExactMathematics =
    [
        "Abs", "BigMul", "BitDecrement", "BitIncrement", "Ceiling", "Clamp", "CopySign", "DivRem", "Floor", "FusedMultiplyAdd", "Max", "Min",
        "Round", "Sign", "Sqrt", "Truncate",
    ];

    private static readonly HashSet<string> RoundedAsThePlatformLikes =
    [
        "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atan2", "Atanh", "Cbrt", "Cos", "Cosh", "Exp", "Exp10", "Exp2", "ExpM1", "Hypot",
        "Log", "Log10", "Log2", "LogP1", "Pow", "ReciprocalEstimate", "ReciprocalSqrtEstimate", "RootN", "Sin", "SinCos", "Sinh", "Tan", "Tanh",
        "MultiplyAddEstimate", "Sum", "Dot",
    ];

    // For people to read; nothing is computed from these.
    private static readonly HashSet<string> ReportingProperties =
        ["get_Perplexity", "get_BitsPerToken", "get_BitsPerCharacter", "get_BitsPerByte"];

    [Fact]
    public void The_library_uses_only_exact_mathematics() => Forbid((method, member) =>
        !ReportingProperties.Contains(method.Name) && (member.DeclaringType == typeof(Math) || member.DeclaringType == typeof(MathF)
            ? !ExactMathematics.Contains(member.Name)
            : IsNumeric(member.DeclaringType) && RoundedAsThePlatformLikes.Contains(member.Name)));

    [Fact]
    public void The_library_draws_random_numbers_from_RandomStream_only() => Forbid((_, member) =>
        member.DeclaringType == typeof(Random) || member.DeclaringType?.FullName == "System.Security.Cryptography.RandomNumberGenerator"
        || member.DeclaringType == typeof(Guid));

    [Fact]
    public void The_library_knows_no_hash_that_differs_between_runs() => Forbid((method, member) =>
        // Records hash themselves; that is for dictionaries within one run.
        method.Name != "GetHashCode" && (member.DeclaringType == typeof(HashCode) || (member.Name == "GetHashCode" && member.DeclaringType != typeof(object))));

    [Fact]
    public void The_library_reads_no_date() => Forbid((_, member) =>
        (member.DeclaringType == typeof(DateTime) || member.DeclaringType == typeof(DateTimeOffset)) && member.Name is "get_Now" or "get_UtcNow" or "get_Today");

    [Fact]
    public void Only_training_and_evaluation_look_at_the_clock_and_it_is_one_that_a_test_can_set() => Forbid((method, member) =>
        member.DeclaringType == typeof(System.Diagnostics.Stopwatch) || member.Name is "get_TickCount" or "get_TickCount64"
        || (member.DeclaringType == typeof(TimeProvider) && Rooms.Of(CompiledCode.Owner(method)) != "Unroll/Training"));

    [Fact]
    public void The_library_leaves_the_console_and_the_process_alone() => Forbid((_, member) =>
        member.DeclaringType == typeof(Console) || (member.DeclaringType == typeof(Environment) && member.Name is "Exit" or "FailFast"));

    [Fact]
    public void The_reader_of_compiled_code_sees_what_is_called()
    {
        // A witness for the tests above, which would all pass if nothing were read.
        MethodBase perplexity = typeof(EvaluationResult).GetProperty("Perplexity")!.GetMethod!;
        Assert.Contains(CompiledCode.Members(perplexity), member => member.DeclaringType == typeof(Math) && member.Name == "Exp");
    }

    private static bool IsNumeric(Type? type) => type is not null && (type == typeof(float) || type == typeof(double)
        || type.Namespace is "System.Runtime.Intrinsics" or "System.Numerics" or "System.Numerics.Tensors");

    private static void Forbid(Func<MethodBase, MemberInfo, bool> forbidden)
    {
        List<string> wrong = [.. CompiledCode.Methods(typeof(LanguageModel).Assembly)
            .SelectMany(method => CompiledCode.Members(method).Where(member => forbidden(method, member))
                .Select(member => $"{method.DeclaringType}.{method.Name} uses {member.DeclaringType}.{member.Name}"))
            .Distinct().Order(StringComparer.Ordinal)];
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}

using System.Text.Json.Serialization;
using Unroll.Checkpoints;

namespace Unroll.Training;

/// <summary>How training options and run states read in JSON: names and words as on the command line.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    Converters = [typeof(LowerCaseEnumConverter<WindowOrder>), typeof(LowerCaseEnumConverter<OptimizerKind>), typeof(LowerCaseEnumConverter<Schedule>)])]
[JsonSerializable(typeof(RunState))]
[JsonSerializable(typeof(TrainingOptions))]
internal sealed partial class TrainingJson : JsonSerializerContext;

using System.Reflection;
using Unroll.Options;
using Xunit;

namespace Unroll.Tests.Options;

/// <summary>What a record's Pass lists is all of its properties, also one that is added tomorrow: it is written, read and compared.</summary>
public class OptionsPassTests
{
    [Fact]
    public void EveryPropertyOfTheModelsOptions() => IsListed(new ModelOptions(), ModelOptions.Pass);

    [Fact]
    public void EveryPropertyOfTheTextsOptions() => IsListed(new TextOptions(), TextOptions.Pass);

    [Fact]
    public void EveryPropertyOfTheCorpusOptions() => IsListed(new CorpusOptions(), CorpusOptions.Pass);

    [Fact]
    public void EveryPropertyOfTheTrainingsOptions() => IsListed(new TrainingOptions(), TrainingOptions.Pass);

    [Fact]
    public void EveryPropertyOfTheSummary() => IsListed(new TrainingSummary(), TrainingSummary.Pass);

    [Fact]
    public void DifferencesAreToldUnderThePropertiesNames()
    {
        IEnumerable<Sentence> differences = OptionsList.Between(
            new TrainingOptions { Budget = TimeSpan.FromMinutes(3) }, new TrainingOptions { LearningRate = 0.01, Schedule = Schedule.Cosine }, TrainingOptions.Pass);

        Assert.Equal(
            ["Budget was 00:03:00, now none", "LearningRate was 0.002, now 0.01", "Schedule was constant, now cosine"],
            differences.Select(difference => difference.ToString()));
    }

    private static void IsListed<T>(T record, Func<T, OptionsPass, T> visit) where T : class, new()
    {
        foreach (PropertyInfo property in typeof(T).GetProperties().Where(property => property.CanWrite))
        {
            object other = Other(property.PropertyType);
            Assert.NotEqual(other, property.GetValue(record));
            property.SetValue(record, other);
            if (!property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal))
                Assert.Contains(property.Name, OptionsList.Between(new T(), record, visit).SelectMany(difference => difference.Properties));
        }

        Assert.Equal(record, OptionsReader.Read<T>(OptionsWriter.Write(record, visit), visit));
    }

    // A value that is no property's default.
    private static object Other(Type type) =>
        type == typeof(string) ? "words"
        : type == typeof(bool) ? true
        : type == typeof(CellKind) ? CellKind.Rnn
        : type == typeof(OptimizerKind) ? OptimizerKind.Sgd
        : type == typeof(TimeSpan?) ? TimeSpan.FromSeconds(1.5)
        : type == typeof(TrainingOptions) ? new TrainingOptions { Batch = 3 }
        : type == typeof(CorpusOptions) ? new CorpusOptions { MinCount = 3 }
        : type.IsEnum ? Enum.GetValues(type).GetValue(1)!
        : Convert.ChangeType(0.75 + (type == typeof(double) || type == typeof(double?) ? 0 : 6.25), Nullable.GetUnderlyingType(type) ?? type, null);
}

using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Unroll.Checkpoints;
using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>What OptionsJson writes, OptionsReader reads: every property, also one that is added tomorrow.</summary>
public class OptionsReaderTests
{
    [Fact]
    public void EveryPropertyOfTheModelsOptionsIsRead() => IsRead(new ModelOptions(), OptionsJson.Readable.ModelOptions, OptionsReader.Model);

    [Fact]
    public void EveryPropertyOfTheTextsOptionsIsRead() => IsRead(new TextOptions(), OptionsJson.Readable.TextOptions, OptionsReader.Text);

    [Fact]
    public void EveryPropertyOfTheSummaryIsRead() => IsRead(new TrainingSummary(), OptionsJson.Readable.TrainingSummary, OptionsReader.Summary);

    private static void IsRead<T>(T record, JsonTypeInfo<T> type, Func<string, T> read) where T : class
    {
        foreach (PropertyInfo property in typeof(T).GetProperties().Where(property => property.CanWrite))
        {
            object other = Other(property.PropertyType);
            Assert.NotEqual(other, property.GetValue(record));
            property.SetValue(record, other);
        }

        Assert.Equal(record, read(JsonSerializer.Serialize(record, type)));
    }

    // A value that is no property's default.
    private static object Other(Type type) =>
        type == typeof(string) ? "words"
        : type == typeof(bool) ? true
        : type == typeof(CellKind) ? CellKind.Rnn
        : type.IsEnum ? Enum.GetValues(type).GetValue(1)!
        : Convert.ChangeType(0.75 + (type == typeof(double) || type == typeof(double?) ? 0 : 6.25), Nullable.GetUnderlyingType(type) ?? type, null);
}

using System.Globalization;
using Xunit;

namespace Unroll.Tests.Options;

/// <summary>Numbers in messages read the same in every culture.</summary>
public class CultureTests
{
    private static readonly CultureInfo Commas = new("") { NumberFormat = { NumberDecimalSeparator = ",", NumberGroupSeparator = ".", NegativeSign = "~" } };

    public static TheoryData<string, string> Messages => new()
    {
        { Message(() => new ModelOptions { HiddenSize = -5 }.Validate()), "HiddenSize must be between 1 and 65536, not -5." },
        { Message(() => new TrainingOptions { Clip = -0.5 }.Validate()), "Clip must be greater than 0 (or 0 for no clipping), not -0.5." },
        { Message(() => new CorpusOptions { Validation = 1.5 }.Validate()), "Validation must be a fraction of at least 0 (none) and less than 1, not 1.5." },
        { Message(() => new RunOptions { CheckpointEvery = TimeSpan.FromSeconds(-1.5) }.Validate()), "CheckpointEvery must be at least 0 seconds, not -1.5." },
        { Message(() => new GenerationOptions { TopP = -0.5 }.Validate()), "TopP must be greater than 0 and at most 1, not -0.5." },
        {
            Message(() => _ = new Parameters(new ModelOptions { HiddenSize = 65536 }, 100)),
            "The model would have 17,213,161,572 parameters; the most is 2,147,483,591. Choose a smaller HiddenSize or fewer Layers."
        },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_is_the_same_where_a_comma_parts_decimals(string message, string expected) => Assert.Equal(expected, message);

    private static string Message(Action action)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = Commas;
            Assert.Equal("~0,5", $"{-0.5}");
            return Assert.ThrowsAny<UnrollException>(action).Message;
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}

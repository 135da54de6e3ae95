// What the pages say, in each of their languages. A text that one of them lacked would not compile.
using Unroll.Web.Runs;

namespace Unroll.Web.Pages.Parts;

/// <summary>The words of a language.</summary>
internal sealed partial record Words
{
    public required string Code { get; init; }
    public required string Name { get; init; }

    // Around all pages.
    public required string Pages { get; init; }
    public required string Play { get; init; }
    public required string Read { get; init; }
    public required string Inside { get; init; }
    public required string Runs { get; init; }
    public required string SkipToContent { get; init; }
    public required string LightOrDark { get; init; }
    public required string Opening { get; init; }
    public required string NeedsScript { get; init; }
    public required string Reconnecting { get; init; }
    public required string ConnectionLost { get; init; }
    public required string LoadAgain { get; init; }
    public required string WentWrong { get; init; }
    public required string NoSuchPage { get; init; }
    public required string WhatThereIs { get; init; }
    public required string ToBeginning { get; init; }
    public required string NoModels { get; init; }
    public required string TrainOne { get; init; }
    public required string Model { get; init; }
    public required string More { get; init; }

    // Where a model writes.
    public required string PlayTitle { get; init; }
    public required string Prefix { get; init; }
    public required string PrefixEmpty { get; init; }
    public required string Temperature { get; init; }
    public required string Length { get; init; }
    public required string Seed { get; init; }
    public required string AtOnce { get; init; }
    public required string SecondText { get; init; }
    public required string ItsModel { get; init; }
    public required string ItsTemperature { get; init; }
    public required string Write { get; init; }
    public required string Another { get; init; }
    public required string LinkRepeats { get; init; }
    public required string Writing { get; init; }
    public required string TextWritten { get; init; }
    public required string PointAtToken { get; init; }
    public required string PointToRead { get; init; }
    public required Func<int, int, string> OtherModels { get; init; }
    public required string Branches { get; init; }
    public required string FirstText { get; init; }
    public required string AtThisPlace { get; init; }
    public required string NothingBefore { get; init; }
    public required string TakeInstead { get; init; }
    public required Func<string, string> Probability { get; init; }
    public required Func<string, string> Bits { get; init; }

    // Where it reads.
    public required string ReadTitle { get; init; }
    public required string TextToRead { get; init; }
    public required string OrFile { get; init; }
    public required string CompareWith { get; init; }
    public required string Nothing { get; init; }
    public required string AnotherText { get; init; }
    public required string Example { get; init; }
    public required string ReadingNow { get; init; }
    public required string Legend { get; init; }
    public required Func<double, string> Below { get; init; }
    public required Func<double, string> From { get; init; }
    public required Func<string, string> Fewer { get; init; }
    public required Func<string, string> MoreBits { get; init; }
    public required string TokensRead { get; init; }
    public required string BitsInAll { get; init; }
    public required string BitsPerCharacter { get; init; }
    public required string BitsPerByte { get; init; }
    public required string BitsOfLine { get; init; }
    public required Func<string, string, string> DifferenceOf { get; init; }
    public required string WorstFirst { get; init; }
    public required string TextRead { get; init; }
    public required Func<int, string> MoreLines { get; init; }
    public required Func<int, string> FileTooLarge { get; init; }
    public required string NotUtf8 { get; init; }
    public required string NothingToRead { get; init; }
    public required Func<int, int, string> TextTooLong { get; init; }

    // Where models learn.
    public required string RunsTitle { get; init; }
    public required string NewRun { get; init; }
    public required string NoRuns { get; init; }
    public required string Chart { get; init; }
    public required string Measure { get; init; }
    public required string Loss { get; init; }
    public required string Perplexity { get; init; }
    public required string BitsPerToken { get; init; }
    public required string Against { get; init; }
    public required string TokensSeen { get; init; }
    public required string Epochs { get; init; }
    public required string Epoch { get; init; }
    public required string Minutes { get; init; }
    public required string Smoothing { get; init; }
    public required string Logarithmic { get; init; }
    public required string TokensPerSecond { get; init; }
    public required Func<TimeSpan, string> TimeLeft { get; init; }
    public required string Validation { get; init; }
    public required string Progress { get; init; }
    public required string Pause { get; init; }
    public required string GoOn { get; init; }
    public required string PlayWithIt { get; init; }
    public required string Samples { get; init; }
    public required Func<int, string> MoreRuns { get; init; }
    public required Func<int, int, string> RunsLeftOut { get; init; }
    public required string WhatDiffers { get; init; }
    public required string Option { get; init; }
    public required Func<RunState, string> StateOf { get; init; }
    public required string TextToLearn { get; init; }
    public required string PasteHere { get; init; }
    public required string RunName { get; init; }
    public required string HowLong { get; init; }
    public required Func<int, string> Seconds { get; init; }
    public required Func<int, string> InMinutes { get; init; }
    public required string AsDeserved { get; init; }
    public required string PresetName { get; init; }
    public required string StaysHere { get; init; }
    public required string Start { get; init; }
    public required string Unnamed { get; init; }
    public required Func<long, string> UploadTooLarge { get; init; }
    public required Func<int, string> TextTooShort { get; init; }

    // What happens inside.
    public required string InsideTitle { get; init; }
    public required Func<int, string> Network { get; init; }
    public required string LookInside { get; init; }
    public required string UnitsThatFollow { get; init; }
    public required string ByCells { get; init; }
    public required string Feature { get; init; }
    public required string BestUnits { get; init; }
    public required Func<TextFeature, string> FeatureOf { get; init; }
    public required string Colour { get; init; }
    public required string ByUnit { get; init; }
    public required string ByInfluence { get; init; }
    public required string BySurprise { get; init; }
    public required string Layer { get; init; }
    public required string Unit { get; init; }
    public required string Threshold { get; init; }
    public required string UnitsOnThere { get; init; }
    public required string Little { get; init; }
    public required string Much { get; init; }
    public required string InfluenceHint { get; init; }
    public required string SelectHint { get; init; }
    public required string SelectFirst { get; init; }
    public required Func<int, string> AtToken { get; init; }
    public required Func<int, string> OnThroughout { get; init; }
    public required string NoUnits { get; init; }
    public required string AlikePlaces { get; init; }
    public required Func<int, string> SearchedHere { get; init; }
    public required string SearchFile { get; init; }
    public required Func<string, string> SearchRun { get; init; }
    public required string Searching { get; init; }
    public required Func<string, string> AlikeIn { get; init; }
    public required string NoneAlike { get; init; }
    public required Func<long, long, string> SearchedAll { get; init; }
    public required Func<long, long, int, string> SearchedPart { get; init; }
    public required Func<int, string> InLine { get; init; }
    public required Func<int, int, string> UnitsOf { get; init; }
    public required string Gates { get; init; }
    public required string Gate { get; init; }
    public required string Open { get; init; }
    public required string Closed { get; init; }
    public required Func<string, string> GateOf { get; init; }
    public required string HiddenOverTime { get; init; }

    /// <summary>The words of a language's code; English where there are none.</summary>
    public static Words Of(string code) => code.StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? Chinese : English;

    /// <summary>The other language.</summary>
    public Words Other => this == English ? Chinese : English;
}

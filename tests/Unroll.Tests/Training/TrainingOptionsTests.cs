using System.Globalization;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

public class TrainingOptionsTests
{
    public static TheoryData<TrainingOptions, string> Bad => new()
    {
        { new() { Batch = 0 }, "--batch" },
        { new() { Dropout = 1 }, "--dropout" },
        { new() { Dropout = -0.1 }, "--dropout" },
        { new() { Dropout = double.NaN }, "--dropout" },
        { new() { SequenceLength = -1 }, "--steps" },
        { new() { Batch = 65536, SequenceLength = 65536 }, "--batch times --steps" },
        { new() { WindowOrder = (WindowOrder)9 }, "--sampling" },
        { new() { Optimizer = (OptimizerKind)9 }, "--optimizer" },
        { new() { Schedule = (Schedule)9 }, "--schedule" },
        { new() { Updates = -1 }, "--updates" },
        { new() { Budget = TimeSpan.Zero }, "--budget" },
        { new() { Epochs = 0 }, "--epochs" },
        { new() { LearningRate = 0 }, "--lr" },
        { new() { LearningRate = double.NaN }, "--lr" },
        { new() { Warmup = -1 }, "--warmup" },
        { new() { Clip = -0.5 }, "--clip" },
        { new() { Clip = double.PositiveInfinity }, "--clip" },
        { new() { WeightDecay = -1 }, "--weight-decay" },
        { new() { Threads = -1 }, "--threads" },
        { new() { CheckpointEvery = -1 }, "--checkpoint-every" },
        { new() { Resume = true }, "--resume" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void WhatMakesNoRunIsRefusedByName(TrainingOptions options, string name)
    {
        var exception = Assert.Throws<UnrollException>(options.Validate);
        Assert.StartsWith(name, exception.Message);
        Assert.EndsWith(".", exception.Message);
    }

    [Fact]
    public void DefaultsAndTextbookMakeRuns()
    {
        new TrainingOptions().Validate();
        TrainingOptions.Textbook.Validate();
        new TrainingOptions { Epochs = 0, Updates = 5 }.Validate();
        new TrainingOptions { Epochs = 0, Budget = TimeSpan.FromSeconds(1) }.Validate();
    }

    [Fact]
    public void MessagesDoNotDependOnTheCulture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
            Assert.Contains("-0.5", Assert.Throws<UnrollException>(new TrainingOptions { Clip = -0.5 }.Validate).Message);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}

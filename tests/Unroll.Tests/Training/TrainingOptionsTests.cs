using System.Globalization;
using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

public class TrainingOptionsTests
{
    public static TheoryData<TrainingOptions, string> Bad => new()
    {
        { new() { Batch = 0 }, "Batch" },
        { new() { Dropout = 1 }, "Dropout" },
        { new() { Dropout = -0.1 }, "Dropout" },
        { new() { Dropout = double.NaN }, "Dropout" },
        { new() { DropoutMask = (DropoutMask)9 }, "DropoutMask" },
        { new() { StateDropout = 1 }, "StateDropout" },
        { new() { InputDropout = 1 }, "InputDropout" },
        { new() { InputDropout = -0.1 }, "InputDropout" },
        { new() { ActivationPenalty = -1 }, "ActivationPenalty" },
        { new() { ActivationPenalty = double.PositiveInfinity }, "ActivationPenalty" },
        { new() { ChangePenalty = double.NaN }, "ChangePenalty" },
        { new() { StateDropout = -0.1 }, "StateDropout" },
        { new() { SequenceLength = -1 }, "SequenceLength" },
        { new() { Batch = 65536, SequenceLength = 65536 }, "Batch times SequenceLength" },
        { new() { WindowOrder = (WindowOrder)9 }, "WindowOrder" },
        { new() { Optimizer = (OptimizerKind)9 }, "Optimizer" },
        { new() { Schedule = (Schedule)9 }, "Schedule" },
        { new() { Updates = -1 }, "Updates" },
        { new() { Budget = TimeSpan.Zero }, "Budget" },
        { new() { Budget = TimeSpan.FromSeconds(1), Updates = 5 }, "Budget" },
        { new() { Pace = "none" }, "Pace" },
        { new() { Pace = "5", Updates = 5 }, "Pace" },
        { new() { Pace = "2:4", Updates = 5 }, "Pace" },
        { new() { Pace = "2:4", Updates = 4, Budget = TimeSpan.FromSeconds(1) }, "Budget" },
        { new() { Measurements = -1 }, "Measurements" },
        { new() { Patience = -1 }, "Patience" },
        { new() { Rollbacks = 31 }, "Rollbacks" },
        { new() { Epochs = 0 }, "Epochs" },
        { new() { LearningRate = 0 }, "LearningRate" },
        { new() { LearningRate = double.NaN }, "LearningRate" },
        { new() { Momentum = 1, Optimizer = OptimizerKind.Sgd }, "Momentum" },
        { new() { Momentum = 0.9 }, "Momentum" },
        { new() { Beta1 = 1 }, "Beta1" },
        { new() { Beta2 = double.NaN }, "Beta2" },
        { new() { ClipBy = (ClipKind)9 }, "ClipBy" },
        { new() { Cooldown = 0, Schedule = Schedule.Linear }, "Cooldown" },
        { new() { Cooldown = 1.5, Schedule = Schedule.Linear }, "Cooldown" },
        { new() { Cooldown = 0.5 }, "Cooldown" },
        { new() { Cooldown = 0.5, Schedule = Schedule.Plateau }, "Cooldown" },
        { new() { SchedulePower = 0 }, "SchedulePower" },
        { new() { PlateauPatience = 0 }, "PlateauPatience" },
        { new() { PlateauFactor = 1 }, "PlateauFactor" },
        { new() { Warmup = -1 }, "Warmup" },
        { new() { TailAverage = 1.5 }, "TailAverage" },
        { new() { Clip = -0.5 }, "Clip" },
        { new() { Clip = double.PositiveInfinity }, "Clip" },
        { new() { WeightDecay = -1 }, "WeightDecay" },
        { new() { Shards = 0 }, "Shards" },
        { new() { Shards = 3 }, "Shards" },
        { new() { Shards = 2048, Batch = 4096 }, "Shards" },
        { new() { Shards = 8, Batch = 7 }, "Shards" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void WhatMakesNoRunIsRefusedByName(TrainingOptions options, string name)
    {
        var exception = Assert.Throws<OptionsException>(options.Validate);
        Assert.StartsWith(name + " ", exception.Message);
        Assert.Equal(name.Split(' ')[0], exception.Property);
        Assert.EndsWith(".", exception.Message);
    }

    [Fact]
    public void ARunsOwnOptionsAreRefusedByNameToo()
    {
        Assert.Equal("Threads", Assert.Throws<OptionsException>(new RunOptions { Threads = -1 }.Validate).Property);
        Assert.Equal("CheckpointEvery", Assert.Throws<OptionsException>(new RunOptions { CheckpointEvery = TimeSpan.FromSeconds(-1) }.Validate).Property);
        Assert.Equal(["Resume", "Out"], Assert.Throws<OptionsException>(new RunOptions { Resume = true }.Validate).Properties);
    }

    [Fact]
    public void AMessageCanCallOptionsByOtherNames()
    {
        var exception = Assert.Throws<OptionsException>(new TrainingOptions { Shards = 8, Batch = 7 }.Validate);
        Assert.Equal("Shards must be at most Batch (7), not 8.", exception.Message);
        Assert.Equal("-SHARDS must be at most -BATCH (7), not 8.", exception.Describe(name => "-" + name.ToUpperInvariant()));
        Assert.Equal("plain", new UnrollException("plain").Describe(name => "-" + name));
    }

    [Fact]
    public void DefaultsAndTextbookMakeRuns()
    {
        new TrainingOptions().Validate();
        TrainingOptions.Textbook.Validate();
        new TrainingOptions { Epochs = 0, Updates = 5 }.Validate();
        new TrainingOptions { Epochs = 0, Budget = TimeSpan.FromSeconds(1) }.Validate();
        new TrainingOptions { Updates = 4, Pace = "2:3,3:5" }.Validate();
        new TrainingOptions { Updates = 4, Pace = "none" }.Validate();
    }

    [Fact]
    public void MessagesDoNotDependOnTheCulture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
            Assert.Contains("-0.5", Assert.Throws<OptionsException>(new TrainingOptions { Clip = -0.5 }.Validate).Message);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}

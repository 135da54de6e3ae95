// dotnet run -c Release --project bench/Unroll.Benchmarks -- --filter '*'
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;
using Unroll.Benchmarks;

// In this process, so that floors and times come from the same one; calls are long enough for a delegate not to show.
Job job = Job.Default
    .WithToolchain(InProcessNoEmitToolchain.Instance)
    .WithIterationTime(TimeInterval.FromMilliseconds(100))
    .WithWarmupCount(4)
    .WithIterationCount(8);
ManualConfig config = ManualConfig.CreateEmpty()
    .AddJob(job)
    .AddLogger(ConsoleLogger.Default)
    .AddExporter(MarkdownExporter.GitHub)
    .AddColumn(TargetMethodColumn.Method)
    .AddColumnProvider(DefaultColumnProviders.Params)
    .AddColumn(FloorColumn.All)
    .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(40))
    .WithOptions(ConfigOptions.JoinSummary);

Console.WriteLine(Machine.This);
BenchmarkSwitcher.FromAssembly(typeof(Machine).Assembly).Run(args, config);
Console.WriteLine(Machine.This);

// `unroll bench`, as libtorch would do it: the verb is Unroll's own, only Speed.cs is not; `learn`, which is Learning.cs alone; and `serve`,
// which is Serving.cs.
using System.CommandLine;
using Unroll.Cli;
using Unroll.Cli.Arguments;
using Unroll.Cli.Measuring;
using Unroll.Cli.Output;

var terminal = new Terminal();
using var interruption = new Interruption(terminal);
try
{
    if (args is ["learn", ..])
        return Learning.Run(args);
    if (args is ["serve"])
        return await Serving.RunAsync();
    var verb = new BenchVerb();
    ParseResult result = verb.Parse(args);
    Mistakes.Check(result);
    int code = verb.Run(result, new Session(terminal, interruption, args, TimeProvider.System.GetTimestamp()));
    terminal.Out.Flush();
    return code;
}
catch (UsageException mistake)
{
    return Failure.Say(terminal, mistake.Message, Failure.WrongUsage);
}
catch (Exception exception)
{
    return Failure.Report(exception, terminal);
}

// What compress and expand have in common: files in, files out, a model between them.
using System.CommandLine;
using System.Diagnostics;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;

namespace Unroll.Cli.Compressing;

/// <summary>A verb that makes files of files by a model.</summary>
internal abstract class CodingVerb : Verb
{
    private readonly Argument<string[]> files;
    private readonly Option<string> model = Taking("--model", "MODEL", "the model file: the same both ways");
    private readonly Option<string> target;
    private readonly Option<bool> replace = Switch("--replace", "replace files that are there already; otherwise they stay as they are");
    private readonly Option<string> memory = MemoryOption();
    private readonly Option<string> threads = ThreadsOption();
    private readonly Option<bool> json = Switch(
        "--json", "one JSON object instead of a table: files [{file, out, bytes, compressedBytes}], bytes, compressedBytes, seconds; bytes are the text's");

    protected CodingVerb(string name, string description, string input, string output) : base(name, description)
    {
        files = new Argument<string[]>("FILE...") { Description = input, Arity = ArgumentArity.ZeroOrMore };
        target = Taking("--out", "PATH", output);
        Arguments.Add(files);
    }

    /// <summary>The options of both: --model and --out first.</summary>
    protected Option[] Common => [model, target, replace, memory, threads, json];

    /// <summary>Makes what does the work.</summary>
    protected abstract (TextCompressor Compressor, Direction Direction) Prepare(ParseResult arguments, LanguageModel model, int threads);

    public override int Run(ParseResult arguments, Session session)
    {
        string[] words = arguments.GetValue(files) ?? [];
        if (words.Length == 0)
            throw new UsageException("The file is missing: name one or more, or - for standard input.");
        string path = arguments.GetValue(model) ?? throw new UsageException("The model file is missing: name it with --model.");
        int workers = Threads(arguments, threads);
        bool asJson = arguments.GetValue(json);

        using IDisposable scope = session.Interruption.Gracefully();
        long start = Stopwatch.GetTimestamp();
        (TextCompressor compressor, Direction direction) = Prepare(arguments, WithMemory(LanguageModel.Load(path), arguments, memory), workers);
        using (compressor)
        {
            IReadOnlyList<(string Input, string Output)> named = FileNames.Find(words, arguments.GetValue(target), path, direction, arguments.GetValue(replace));
            bool toOutput = named[0].Output == FileNames.Standard;
            if (toOutput && direction.IsCompressing && session.Terminal.OutIsTerminal)
                throw new UsageException("What is compressed is nothing for a screen: name a file with --out.");
            if (toOutput && asJson)
                throw new UsageException("--json and the file's content cannot both go to standard output: name a file with --out.");
            var jobs = new FileJobs(session, direction);
            int code = jobs.Run(named);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (asJson)
                JsonOutput.Write(session.Terminal.Out, new CodedFilesJson(jobs.Done, jobs.Bytes, jobs.CompressedBytes, seconds), JsonOutput.Readable.CodedFilesJson);
            else if (jobs.Done.Count > 0)
                jobs.Write(toOutput ? session.Terminal.Error : session.Terminal.Out, seconds);
            return code;
        }
    }
}

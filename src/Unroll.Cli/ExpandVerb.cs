// `unroll expand`: what `unroll compress` made small, as it was.
using System.CommandLine;
using Unroll.Cli.Compressing;
using Unroll.Compression;

namespace Unroll.Cli;

internal sealed class ExpandVerb : CodingVerb
{
    public ExpandVerb() : base(
        "expand", "Expands files that unroll compress made. A file that is damaged or of another model leaves nothing behind.",
        "compressed files, or - for standard input",
        $"the expanded file, a folder for several, or - for standard output [default: FILE without {FileJobs.Ending}]")
    {
        Group("Options", [.. Common]);
        Examples.Add(("unroll expand notes.txt.unroll --model model.safetensors", "notes.txt"));
        Examples.Add(("unroll expand today.log.unroll --model log.safetensors --out - | grep error", "to standard output"));
    }

    protected override (TextCompressor Compressor, Direction Direction) Prepare(ParseResult arguments, LanguageModel model, int threads)
    {
        var compressor = new TextCompressor(model, new CompressionOptions { Threads = threads });
        return (compressor, new Direction
        {
            Target = path => path.EndsWith(FileJobs.Ending, StringComparison.Ordinal) && Path.GetFileName(path).Length > FileJobs.Ending.Length ? path[..^FileJobs.Ending.Length] : null,
            IsShort = file => file.Length <= SmallForm.MostCompressed,
            Short = (compressed, cancellation) => [.. compressor.ExpandEach(compressed, cancellation).Select(made => (made.Bytes, (UnrollException?)made.Fault))],
            Long = (compressed, content, progress, cancellation) => compressor.Expand(compressed, content, progress, cancellation),
            IsCompressing = false,
        });
    }
}

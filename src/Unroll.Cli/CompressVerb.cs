// `unroll compress`: files made small by what a model expects.
using System.CommandLine;
using Unroll.Cli.Arguments;
using Unroll.Cli.Compressing;
using Unroll.Cli.Output;
using Unroll.Compression;

namespace Unroll.Cli;

internal sealed class CompressVerb : CodingVerb
{
    private static readonly CompressionOptions Defaults = new();

    private readonly Option<string> segments = Taking(
        "--segments", "N",
        "parts that are coded side by side, of each 16 MiB of a file: more are faster and cost some bytes each; 0 = one for every 8,192 tokens, "
            + $"256 at most [default: {Defaults.Segments}]");
    private readonly Option<bool> adapt = Switch(
        "--adapt", "learn from the text while it is coded (dynamic evaluation): smaller, and slower both ways; one segment");

    public CompressVerb() : base(
        "compress", "Makes files small by what a model expects, without loss. Only the same model expands them.",
        "files of any kind, or - for standard input",
        $"the compressed file, a folder for several, or - for standard output [default: FILE{FileJobs.Ending}]")
    {
        Group("Options", [.. Common[..2], segments, adapt, .. Common[2..]]);
        Remarks.Add("The model must be at hand to expand a file, and must be the same to the bit; the machine and --threads may be others. "
            + "What the model does not know, up to files that are no text at all, is kept byte by byte. Many short files in one call "
            + "(of 4,096 bytes at most, such as single lines) are coded side by side, with five to seven bytes around each.");
        Examples.Add(("unroll compress notes.txt --model model.safetensors", $"notes.txt{FileJobs.Ending}"));
        Examples.Add(("unroll compress lines/*.txt --model log.safetensors --out small", "many short files, each by itself, into a folder"));
        Examples.Add(("unroll compress - --model log.safetensors < today.log > today.log.unroll", "from standard input to standard output"));
    }

    protected override (TextCompressor Compressor, Direction Direction) Prepare(ParseResult arguments, LanguageModel model, int threads)
    {
        var compressor = new TextCompressor(model, new CompressionOptions
        {
            Segments = arguments.GetValue(segments) is string number ? Value.Count(segments.Name, number, 0, CompressionOptions.MostSegments) : Defaults.Segments,
            Adapt = arguments.GetValue(adapt),
            Threads = threads,
        });
        return (compressor, new Direction
        {
            Target = path => path + FileJobs.Ending,
            IsShort = file => file.Length <= SmallForm.Most,
            Short = (contents, cancellation) => [.. compressor.CompressEach(contents, cancellation).Select(made => ((byte[]?)made.Bytes, (UnrollException?)null))],
            Long = (content, compressed, progress, cancellation) => compressor.Compress(content, compressed, progress, cancellation),
            IsCompressing = true,
        });
    }
}

// A language model as a lossless compressor: what it expects decides how many bits a token takes. Each text says in its first byte which
// form it has. Whoever expands makes the same predictions again, to the bit, which is what this rests on.
using System.Numerics;
using Unroll.Compression;

namespace Unroll;

/// <summary>Makes texts small by a model's predictions, and expands them again. Any bytes at all are kept as they are; what the model
/// expected takes few bits. The same model must be at hand to expand them; on which machine, with how many threads, and beside which
/// other texts, does not matter. Not for several threads at once.</summary>
public sealed class TextCompressor : IDisposable
{
    // As many rows as still make a step faster.
    private const int MostRows = 256;

    private readonly CompressionOptions options;
    private readonly CodingModel model;
    private readonly TokenParser parser;
    private readonly SmallForm small;
    private readonly LongForm large;
    private SegmentRows? plain, adapting;
    private bool disposed;

    /// <summary>Prepares a model, which must not change while it is in use.</summary>
    /// <param name="model">The model: of several networks, with a memory of counts, as it comes.</param>
    /// <param name="options">How; null = the defaults.</param>
    /// <exception cref="UnrollException">The options make no sense, or the model's tokens alone do not tell a text (the textbook's words).</exception>
    public TextCompressor(LanguageModel model, CompressionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.options = options ?? new CompressionOptions();
        this.options.Validate();
        this.model = new CodingModel(model);
        parser = new TokenParser(model.Vocabulary, this.model.Tokens);
        (small, large) = (new SmallForm(this.model), new LongForm(this.model));
    }

    /// <summary>Compresses a text.</summary>
    /// <param name="content">Its bytes: UTF-8, or whatever they are.</param>
    public byte[] Compress(ReadOnlySpan<byte> content)
    {
        var compressed = new MemoryStream();
        Compress(new MemoryStream(content.ToArray()), compressed);
        return compressed.ToArray();
    }

    /// <summary>Expands what <see cref="Compress(ReadOnlySpan{byte})"/> returned.</summary>
    /// <exception cref="CompressedTextException">It is damaged, cut short, of another model, or was never compressed by Unroll.</exception>
    public byte[] Expand(ReadOnlySpan<byte> compressed)
    {
        var content = new MemoryStream();
        Expand(new MemoryStream(compressed.ToArray()), content);
        return content.ToArray();
    }

    /// <summary>Compresses many texts, each by itself. Short ones (up to 4096 bytes) go side by side, which is faster than one after another.</summary>
    /// <param name="contents">Their bytes.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>What <see cref="Compress(ReadOnlySpan{byte})"/> returns for each, to the byte.</returns>
    public IReadOnlyList<byte[]> Compress(IReadOnlyList<byte[]> contents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(contents);
        return [.. CompressEach(contents, cancellationToken).Select(made => made.Bytes)];
    }

    /// <summary>Expands many texts. Short ones go side by side.</summary>
    /// <param name="compressed">What <see cref="Compress(IReadOnlyList{byte[]}, CancellationToken)"/> returned.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="CompressedTextException">One of them is damaged, cut short, of another model, or was never compressed by Unroll.</exception>
    public IReadOnlyList<byte[]> Expand(IReadOnlyList<byte[]> compressed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(compressed);
        return [.. ExpandEach(compressed, cancellationToken).Select(made => made.Bytes ?? throw made.Fault!)];
    }

    /// <summary>Compresses a text of any length, in bounded memory.</summary>
    /// <param name="content">Where it comes from; read to its end.</param>
    /// <param name="compressed">Where it goes.</param>
    /// <param name="progress">Told, on the calling thread, how many tokens are done.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ObjectDisposedException">The compressor has been disposed of.</exception>
    public CompressionResult Compress(Stream content, Stream compressed, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(compressed);
        byte[] block = [];
        int length = ReadBlock(content, ref block);
        if (length <= SmallForm.Most)
        {
            SmallForm.Written text = small.Write(block.AsMemory(0, length), parser, options.Adapt);
            CodeEach([text.Segment], options.Adapt, progress, cancellationToken);
            (byte[] bytes, CompressionResult whole) = text.Finish();
            compressed.Write(bytes);
            return whole;
        }
        using var output = new CheckedOutput(compressed);
        var result = new CompressionResult(0, 0, 0, 0);
        bool mayDrop = DropsReturns(block.AsMemory(0, length), cancellationToken);
        large.WriteHead(output, new LongForm.Head(options.Adapt, SaysLineEnds: mayDrop));
        for (int last = model.First; length > 0; length = ReadBlock(content, ref block))
        {
            bool drops = mayDrop && CarriageReturns.AreEverywhere(block.AsSpan(0, length));
            ParsedText text = parser.Parse(drops ? CarriageReturns.Without(block.AsSpan(0, length)) : block.AsMemory(0, length));
            SegmentEncoder[] segments = large.Divide(text, options.Adapt ? 1 : options.Segments, last);
            SegmentRows rows = RowsFor(options.Adapt, segments.Length);
            if (result.Bytes == 0)
                rows.Begin();
            rows.Run(segments, new Beyond(result.Tokens, progress), cancellationToken);
            LongForm.WriteBlock(output, block.AsSpan(0, length), text.Ids.Count, mayDrop ? drops : null, segments);
            result = new CompressionResult(result.Bytes + length, output.Length, result.Tokens + text.Ids.Count, result.EscapedBytes + text.EscapedBytes);
            last = options.Adapt ? segments[^1].Last : last;
        }
        output.Write([0]);
        output.Finish();
        return result with { CompressedBytes = output.Length };
    }

    /// <summary>Expands a text of any length, in bounded memory.</summary>
    /// <param name="compressed">Where it comes from; read to its end.</param>
    /// <param name="content">Where it goes. Whether it was whole and undamaged is known when this returns, not before: until then let nobody
    /// have it.</param>
    /// <param name="progress">Told, on the calling thread, how many tokens are done.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>Bytes of the text.</returns>
    /// <exception cref="CompressedTextException">It is damaged, cut short, of another model, or was never compressed by Unroll.</exception>
    /// <exception cref="ObjectDisposedException">The compressor has been disposed of.</exception>
    public long Expand(Stream compressed, Stream content, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(compressed);
        ArgumentNullException.ThrowIfNull(content);
        using var input = new CheckedInput(compressed);
        int first = input.Peek();
        if (first < 0)
            throw new CompressedTextException("is empty");
        if (SmallForm.Begins(first))
        {
            SmallForm.Read text = small.Open(input.ReadToEnd(SmallForm.MostCompressed + 1));
            CodeEach([text.Segment], text.Adapts, progress, cancellationToken);
            byte[] bytes = text.Finish();
            content.Write(bytes);
            return bytes.Length;
        }
        LongForm.Head head = large.ReadHead(input);
        long length = 0, done = 0;
        for (int last = model.First; large.ReadBlock(input, head.SaysLineEnds, last) is { } block;)
        {
            SegmentRows rows = RowsFor(head.Adapts, block.Segments.Length);
            if (length == 0)
                rows.Begin();
            rows.Run(block.Segments, new Beyond(done, progress), cancellationToken);
            foreach (byte[] stretch in block.Stretches())
            {
                input.Note(stretch);
                content.Write(stretch);
            }
            (length, done) = (length + block.Length, done + block.Tokens);
            last = head.Adapts ? block.Segments[^1].Last : last;
        }
        input.Finish();
        return length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        plain?.Dispose();
        adapting?.Dispose();
    }

    /// <summary>Compresses many texts, and tells what became of each.</summary>
    internal IReadOnlyList<(byte[] Bytes, CompressionResult Result)> CompressEach(IReadOnlyList<byte[]> contents, CancellationToken cancellationToken)
    {
        SmallForm.Written?[] shorts = [.. contents.Select(content => content.Length <= SmallForm.Most ? small.Write(content, parser, options.Adapt) : null)];
        CodeEach([.. shorts.OfType<SmallForm.Written>().Select(text => text.Segment)], options.Adapt, null, cancellationToken);
        return [.. contents.Select((content, i) => shorts[i]?.Finish() ?? Whole(content))];

        (byte[], CompressionResult) Whole(byte[] content)
        {
            var compressed = new MemoryStream();
            CompressionResult result = Compress(new MemoryStream(content), compressed, null, cancellationToken);
            return (compressed.ToArray(), result);
        }
    }

    /// <summary>Expands many texts, and tells of each what is wrong with it, if anything is.</summary>
    internal IReadOnlyList<(byte[]? Bytes, CompressedTextException? Fault)> ExpandEach(IReadOnlyList<byte[]> compressed, CancellationToken cancellationToken)
    {
        var results = new (byte[]? Bytes, CompressedTextException? Fault)[compressed.Count];
        var shorts = new SmallForm.Read?[compressed.Count];
        Try(i => compressed[i] is [var first, ..] && SmallForm.Begins(first), i => shorts[i] = small.Open(compressed[i]));
        foreach (IGrouping<bool, SmallForm.Read> alike in shorts.OfType<SmallForm.Read>().GroupBy(text => text.Adapts))
            CodeEach([.. alike.Select(text => text.Segment)], alike.Key, null, cancellationToken);
        Try(i => shorts[i] is not null, i => results[i].Bytes = shorts[i]!.Finish());
        Try(i => shorts[i] is null && results[i].Fault is null, i =>
        {
            var content = new MemoryStream();
            Expand(new MemoryStream(compressed[i]), content, null, cancellationToken);
            results[i].Bytes = content.ToArray();
        });
        return results;

        void Try(Func<int, bool> which, Action<int> work)
        {
            for (int i = 0; i < results.Length; i++)
            {
                try
                {
                    if (which(i))
                        work(i);
                }
                catch (CompressedTextException fault)
                {
                    results[i].Fault = fault;
                }
            }
        }
    }

    // Texts of one segment each.
    private void CodeEach(IReadOnlyList<Segment> texts, bool adapts, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        SegmentRows rows = RowsFor(adapts, texts.Count);
        if (!adapts)
        {
            rows.Run(texts, progress, cancellationToken);
            return;
        }
        foreach (Segment text in texts)
        {
            rows.Begin();
            rows.Run([text], progress, cancellationToken);
        }
    }

    // Whether a text gets smaller without its carriage returns: it does by any model that learned from a corpus, and by one from elsewhere
    // perhaps. That one has a token for them, and codes the first lines both ways.
    private bool DropsReturns(ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        const int Sample = 4096; // bytes
        if (!CarriageReturns.AreEverywhere(block.Span))
            return false;
        if (!model.Tokens.SayReturns)
            return true;
        ReadOnlySpan<byte> lines = block.Span[..Math.Min(block.Length, Sample)];
        lines = lines[..(lines.LastIndexOf((byte)'\n') + 1)];
        if (lines.IsEmpty)
            return false; // too few to matter
        SegmentEncoder[] ways = [Way(lines.ToArray()), Way(CarriageReturns.Without(lines))];
        RowsFor(adapts: false, ways.Length).Run(ways, null, cancellationToken);
        return ways[1].Finish().Length < ways[0].Finish().Length;

        SegmentEncoder Way(byte[] bytes)
        {
            ParsedText text = parser.Parse(bytes);
            return new SegmentEncoder(model.Tokens, text, 0, text.Ids.Count, 0, model.First);
        }
    }

    // As many rows as there are segments, or somewhat more, so that the next text finds them.
    private SegmentRows RowsFor(bool adapts, int segments)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (adapts)
            return adapting ??= new SegmentRows(model.Model, 1, options.Threads, adapts: true);
        if (plain is null || plain.Count < Math.Min(segments, MostRows))
        {
            plain?.Dispose();
            plain = null;
            plain = new SegmentRows(model.Model, Math.Min((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, segments)), MostRows), options.Threads, adapts: false);
        }
        return plain;
    }

    // As much as a block holds, in a room that is no larger than it must be.
    private int ReadBlock(Stream content, ref byte[] block)
    {
        int length = 0;
        while (length < options.BlockBytes)
        {
            if (length == block.Length)
                Array.Resize(ref block, Math.Clamp(2 * length, Math.Min(1 << 16, options.BlockBytes), options.BlockBytes));
            int more = content.Read(block, length, block.Length - length);
            if (more == 0)
                break;
            length += more;
        }
        return length;
    }

    /// <summary>Counts on from what came before.</summary>
    private sealed class Beyond(long before, IProgress<long>? progress) : IProgress<long>
    {
        public void Report(long value) => progress?.Report(before + value);
    }
}

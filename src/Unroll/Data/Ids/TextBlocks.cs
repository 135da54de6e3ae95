// A long text as numbers, on several cores: one thread reads blocks and joins the results in the text's order, while others
// split the blocks. The numbers are those that reading piece by piece gives: the block in which a token first occurs is
// joined before any later one, and brings its new tokens in the order in which they stand.
using System.Runtime.InteropServices;
using Unroll.Data.Sources;
using Unroll.Data.Tokens;

namespace Unroll.Data.Ids;

internal sealed class TextBlocks(IReadOnlyList<string> files, Tokenization tokens, int chunkLength, int threads)
{
    private readonly TextBlockReader reader = new(files, tokens, chunkLength);
    private readonly BlockTokenizer[] tokenizers = [.. Enumerable.Range(0, threads).Select(_ => new BlockTokenizer(tokens))];
    private readonly Queue<(TextBlock Block, BlockTokenizer Tokenizer, Task Done)> inFlight = []; // oldest first
    private readonly NewTokens seen = new();

    /// <summary>Reads the files to their end.</summary>
    /// <param name="writer">Where the numbers go; null counts only.</param>
    /// <param name="content">Gets all that is read, or null.</param>
    /// <param name="progress">Told of bytes read and bytes in all.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="UnrollException">A file is not valid UTF-8 or cannot be read.</exception>
    public NumberedText Read(IdWriter? writer, ContentHash? content, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        long total = TextFiles.Length(files), read = 0;
        try
        {
            ReadBlocks();
        }
        finally
        {
            Drop();
        }
        return new NumberedText(seen.Tokens, Counts(), writer?.Finish() ?? new IdSegments());

        void ReadBlocks()
        {
            int turn = 0;
            bool begun = false; // a token may be unfinished
            try
            {
                foreach (TextBlock block in reader.Read())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (!begun)
                        turn = (turn + 1) % tokenizers.Length;
                    begun = !block.Finishes;
                    inFlight.Enqueue((block, tokenizers[turn], tokenizers[turn].Start(block)));
                    if (inFlight.Count > 2 * tokenizers.Length)
                        Join();
                }
            }
            catch (UnrollException)
            {
                while (inFlight.Count > 0)
                    Join(); // what is wrong further up is told first
                throw;
            }
            while (inFlight.Count > 0)
                Join();
        }

        void Join()
        {
            (TextBlock block, BlockTokenizer tokenizer, Task done) = inFlight.Dequeue();
            done.Wait(CancellationToken.None);
            if (block.Failure is { } failure)
            {
                Drop();
                failure.Throw();
            }
            foreach (string token in block.NewTokens)
                tokenizer.TextNumbers.Add(seen.Find(token) - 1);
            writer?.Append(block.Numbers.AsSpan(0, block.Count), CollectionsMarshal.AsSpan(tokenizer.TextNumbers));
            content?.Append(block.BeginsFile && block.ChunkStart == 0, block.End - block.ChunkStart, block.Digest);
            read += block.End - block.ChunkStart;
            progress?.Report(new ReadingProgress(read, total));
            reader.Return(block);
        }
    }

    private void Drop()
    {
        while (inFlight.TryDequeue(out (TextBlock Block, BlockTokenizer Tokenizer, Task Done) dropped))
            dropped.Done.Wait(CancellationToken.None);
    }

    private long[] Counts()
    {
        long[] counts = new long[seen.Tokens.Count];
        foreach (BlockTokenizer tokenizer in tokenizers)
            for (int number = 0; number < tokenizer.Counts.Count; number++)
                counts[tokenizer.TextNumbers[number + 1]] += tokenizer.Counts[number];
        return counts;
    }
}

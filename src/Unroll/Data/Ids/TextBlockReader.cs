// Files in blocks that can be split into tokens independently of one another. A block ends where a token ends for certain,
// whatever stands before; where no such place is found (a text without a space) it ends between two characters, and whoever
// split this block must split the next. It knows bytes, and of tokens only where a text may be cut.
using Microsoft.Win32.SafeHandles;
using Unroll.Data.Sources;
using Unroll.Data.Tokens;

namespace Unroll.Data.Ids;

internal sealed class TextBlockReader(IReadOnlyList<string> files, Tokenization tokens, int chunkLength)
{
    private readonly Stack<TextBlock> free = [];

    /// <summary>The blocks, in the text's order.</summary>
    /// <exception cref="UnrollException">A file cannot be read.</exception>
    public IEnumerable<TextBlock> Read()
    {
        TextBlock? last = null; // whether it finishes depends on what follows
        foreach (string path in files)
        {
            using SafeFileHandle file = TextFiles.Open(path);
            long length = 0; // read so far
            ReadOnlyMemory<byte> left = default;
            bool end = false;
            while (!end)
            {
                TextBlock block = Take(left.Length + chunkLength);
                left.CopyTo(block.Bytes);
                int read = TextFiles.Read(file, path, block.Bytes.AsSpan(left.Length, chunkLength), length);
                end = read < chunkLength;
                (block.Path, block.Offset) = (path, length - left.Length);
                (block.ChunkStart, block.End) = (left.Length, left.Length + read);
                length += read;
                if (block.End == 0)
                    break; // an empty file
                if (last is not null)
                {
                    if (block.BeginsFile && block.ChunkStart == 0)
                        last.Finishes = IsBorderBetween(last, block);
                    yield return last;
                }
                (block.Cut, block.Finishes) = end ? (block.End, true) : Cut(block.Bytes.AsSpan(0, block.End), block.ChunkStart);
                left = block.Bytes.AsMemory(block.Cut, block.End - block.Cut);
                last = block;
            }
        }
        if (last is not null)
            yield return last;
    }

    /// <summary>Takes back a block whose content is no longer needed.</summary>
    public void Return(TextBlock block) => free.Push(block);

    // The last place within the chunk where the text may be cut: at least one byte stays for the next block.
    private (int Cut, bool Finishes) Cut(ReadOnlySpan<byte> bytes, int chunkStart)
    {
        if (!tokens.CutsAnywhere)
        {
            for (int end = bytes.Length - 1; end > chunkStart;)
            {
                int blank = bytes[chunkStart..end].LastIndexOfAny((byte)' ', (byte)'\n');
                if (blank < 0)
                    break;
                int cut = chunkStart + blank + 1;
                if (IsBorder(bytes[..cut], bytes[cut..]))
                    return (cut, true);
                end = cut - 1;
            }
        }
        int last = bytes.Length - 1;
        for (int i = 0; i < 3 && last > 0 && !ByteToken.BeginsCharacter(bytes[last]); i++)
            last--;
        if (!ByteToken.BeginsCharacter(bytes[last]))
            last = bytes.Length - 1; // no character has so many bytes: what stands before is one, or none and an error
        if (last > 0 && bytes[last] == '\n' && bytes[last - 1] == '\r')
            last--;
        return (last, tokens.CutsAnywhere);
    }

    private bool IsBorderBetween(TextBlock last, TextBlock nextFile)
    {
        if (tokens.EndsWithFile)
            return true;
        ReadOnlySpan<byte> next = nextFile.Bytes.AsSpan(0, nextFile.End);
        return IsBorder(last.Bytes.AsSpan(0, last.Cut), next.StartsWith("\uFEFF"u8) ? next[3..] : next);
    }

    private bool IsBorder(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) =>
        tokens.CutsAnywhere || (!before.IsEmpty && !after.IsEmpty && tokens.CutsBetween(before, after));

    private TextBlock Take(int length)
    {
        TextBlock block = free.TryPop(out TextBlock? used) ? used : new TextBlock();
        if (block.Bytes.Length < length)
            block.Bytes = GC.AllocateUninitializedArray<byte>(length);
        return block;
    }
}

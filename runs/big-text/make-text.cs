// Makes a text of a given length out of real ones: runs of their lines in random order, in every line one word replaced by
// another of theirs. Equal arguments give equal bytes.
//     dotnet run make-text.cs OUT BYTES TEXT...
using System.Text;

string path = args[0];
long length = long.Parse(args[1]);
byte[][] lines = [.. args[2..].SelectMany(file => Split(File.ReadAllBytes(file)))];
byte[][] words = [.. lines.SelectMany(line => Encoding.UTF8.GetString(line).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Distinct().Select(Encoding.UTF8.GetBytes)];
ulong state = 0;
using var output = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
for (long left = length; left > 0;)
{
    int first = Below(lines.Length), last = Math.Min(first + 1 + Below(40), lines.Length);
    for (int i = first; i < last; i++)
    {
        ReadOnlySpan<byte> line = lines[i];
        int from = Below(line.Length), blank = line[from..].IndexOf((byte)' '), start = from + blank + 1;
        int count = blank < 0 ? 0 : line[start..].IndexOfAny((byte)' ', (byte)'\r', (byte)'\n');
        if (count <= 0)
        {
            Write(line, ref left);
            continue;
        }
        Write(line[..start], ref left);
        Write(words[Below(words.Length)], ref left);
        Write(line[(start + count)..], ref left);
    }
}

// A piece that does not fit is made of spaces, so that no character is cut in two.
void Write(ReadOnlySpan<byte> bytes, ref long left)
{
    if (bytes.Length > left)
        bytes = Encoding.ASCII.GetBytes(new string(' ', (int)left));
    output.Write(bytes);
    left -= bytes.Length;
}

// SplitMix64.
int Below(int limit)
{
    ulong z = state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return (int)((z ^ (z >> 31)) % (ulong)limit);
}

static IEnumerable<byte[]> Split(byte[] text)
{
    for (int start = 0; start < text.Length;)
    {
        int end = Array.IndexOf(text, (byte)'\n', start) + 1;
        if (end == 0)
            end = text.Length;
        yield return text[start..end];
        start = end;
    }
}

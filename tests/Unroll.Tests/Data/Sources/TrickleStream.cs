namespace Unroll.Tests.Data.Sources;

/// <summary>A stream that hands out no more than a few bytes at a time, and may break.</summary>
internal sealed class TrickleStream(byte[] bytes, int atATime, bool breaks = false) : MemoryStream(bytes)
{
    public override int Read(Span<byte> buffer)
    {
        if (breaks && Position == Length)
            throw new IOException("The line is dead.");
        return base.Read(buffer[..Math.Min(atATime, buffer.Length)]);
    }
}

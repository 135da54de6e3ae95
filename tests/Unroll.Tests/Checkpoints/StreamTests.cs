using Xunit;

namespace Unroll.Tests.Checkpoints;

/// <summary>Models in streams: resources, blobs, pipes.</summary>
public class StreamTests
{
    [Fact]
    public void AStreamGetsTheBytesOfTheFile()
    {
        Checkpoint checkpoint = TestModels.CreateCheckpoint();
        using var stream = new MemoryStream();

        Checkpoint.Write(stream, checkpoint);

        Assert.Equal(checkpoint.Bytes(), stream.ToArray());
        using var model = new MemoryStream();
        checkpoint.Model.Save(model);
        Assert.Equal(new Checkpoint(checkpoint.Model).Bytes(), model.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AStreamIsReadFromWhereItStandsToItsEnd(bool seekable)
    {
        Checkpoint checkpoint = TestModels.CreateCheckpoint();
        using Stream stream = Open([1, 2, 3, .. checkpoint.Bytes()], seekable);
        stream.ReadExactly(new byte[3]);

        Checkpoint read = Checkpoint.Read(stream);

        Assert.Equal(checkpoint.Bytes(), read.Bytes());
        Assert.Equal(-1, stream.ReadByte());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void DamageIsToldAsOfAFile(bool seekable)
    {
        byte[] whole = TestModels.CreateCheckpoint().Bytes();
        Assert.Equal("The stream is not a usable model file: it is empty.", Message([]));
        Assert.Contains("a copy cut short?", Message(whole[..^1]));
        Assert.Contains("holds NaN", Message(ForgedFile.EditNumber(whole, "decoder.bias", 0, float.NaN)));

        string Message(byte[] bytes)
        {
            using Stream stream = Open(bytes, seekable);
            return Assert.Throws<ModelFileException>(() => LanguageModel.Load(stream)).Message;
        }
    }

    [Fact]
    public void NothingIsWrittenOfAModelThatWouldBeUnusable()
    {
        LanguageModel model = TestModels.Create(new ModelOptions { HiddenSize = 2 });
        model.Parameters.Values[3] = float.NaN;
        using var stream = new MemoryStream();
        Assert.Contains("was not written", Assert.Throws<UnrollException>(() => model.Save(stream)).Message);
        Assert.Equal(0, stream.Length);
    }

    private static Stream Open(byte[] bytes, bool seekable) => seekable ? new MemoryStream(bytes) : new Pipe(bytes);

    /// <summary>A stream that cannot go back, gives a few bytes at a time and does not know its length.</summary>
    private sealed class Pipe(byte[] bytes) : Stream
    {
        private int position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = Math.Min(Math.Min(count, 7), bytes.Length - position);
            bytes.AsSpan(position, read).CopyTo(buffer.AsSpan(offset));
            position += read;
            return read;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}

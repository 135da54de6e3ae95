using System.Security.Cryptography;
using System.Text;
using Unroll.Kernels;
using Unroll.Tests.Compression;
using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.Reproducibility;

/// <summary>A text becomes the same bytes whatever the vector width, on any machine and in any version: files that were compressed
/// yesterday are expanded tomorrow. <see cref="VectorWidthTests"/> runs this class again with narrower vectors.</summary>
public class CompressedBytesTests
{
    // A change here means that files which people keep can be expanded no longer: it wants another version in their heads.
    private const string Expected = "d2091a8bf787a709a3aad579f9ac58ef451a118d3ab1e5ec635f0ca386087e31";

    [Fact]
    public void Compressed_bytes_are_the_expected_ones()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Models.Text + "Zürich, 漢字\r\n", 50)));
        foreach (string kind in CompressionModels.All.Keys)
        {
            foreach (CompressionOptions options in (CompressionOptions[])[new() { Segments = 20, Threads = 2 }, new() { Adapt = true }])
            {
                using var compressor = new TextCompressor(CompressionModels.Find(kind), options);
                foreach (byte[] content in (byte[][])[text, text[..100], text[..60], [0xff, 0, (byte)'\n'], []])
                    hash.AppendData(compressor.Compress(content));
            }
        }
        string actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        Assert.True(actual == Expected, $"With {LaneWidth.Name} the bytes' hash is {actual} instead of {Expected}.");
    }
}

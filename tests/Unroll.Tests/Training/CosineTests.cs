using Unroll.Training;
using Xunit;

namespace Unroll.Tests.Training;

public class CosineTests
{
    [Fact]
    public void AgreesWithTheMathematicalCosine()
    {
        for (int i = 0; i <= 1000; i++)
            Assert.Equal(Math.Cos(Math.PI * i / 1000), Cosine.OfPi(i / 1000.0), 1e-15);
    }

    [Fact]
    public void HitsItsEndsAndItsMiddle()
    {
        Assert.Equal(1, Cosine.OfPi(0), 1e-15);
        Assert.Equal(0, Cosine.OfPi(0.5));
        Assert.Equal(-1, Cosine.OfPi(1), 1e-15);
    }
}

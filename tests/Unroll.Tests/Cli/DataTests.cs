using System.Text;
using System.Text.Json;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>The verb <c>data</c>, run as a person runs it, without a engine.</summary>
public class DataTests
{
    [Fact]
    public void Datasets_are_listed_with_where_they_are()
    {
        using var folder = new TemporaryFolder();
        folder.Write("timemachine.txt", Encoding.UTF8.GetBytes("The Time Machine"));
        JsonElement[] datasets = [.. UnrollProcess.Run(folder.Path, "data", "list", "--json").Succeeded().Json.GetProperty("datasets").EnumerateArray()];
        Assert.Equal(["timemachine", "tiny-shakespeare"], datasets.Select(dataset => dataset.GetProperty("name").GetString()));
        Assert.Equal(folder["timemachine.txt"], datasets[0].GetProperty("path").GetString());
        Assert.Equal(JsonValueKind.Null, datasets[1].GetProperty("path").ValueKind);
        Assert.Contains("not on this machine", UnrollProcess.Run(folder.Path, "data").Succeeded().Out);
    }

    [Fact]
    public void Where_prints_a_path_alone()
    {
        using var folder = new TemporaryFolder();
        folder.Write("timemachine.txt", Encoding.UTF8.GetBytes("The Time Machine"));
        Assert.Equal(folder["timemachine.txt"] + "\n", UnrollProcess.Run(folder.Path, "data", "where", "timemachine").Succeeded().Out);
        UnrollOutput absent = UnrollProcess.Run(folder.Path, "data", "where", "tiny-shakespeare");
        Assert.Equal(1, absent.ExitCode);
        Assert.Contains("unroll data get tiny-shakespeare", absent.Error);
    }

    [Fact]
    public void A_file_that_is_not_the_published_one_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("timemachine.txt", Encoding.UTF8.GetBytes("<html>Please log in</html>"));
        UnrollOutput output = UnrollProcess.Run(folder.Path, "train", "timemachine");
        Assert.Equal(1, output.ExitCode);
        Assert.Contains("not the published", output.Error);
    }
}

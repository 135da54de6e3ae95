using System.Net;
using System.Text.Json;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>Sessions that outlive the server.</summary>
public class SessionFolderTests
{
    private static readonly LanguageModel Model = Models.Create();

    [Fact]
    public async Task Sessions_are_there_again_after_a_restart_to_the_bit()
    {
        using var folder = new TemporaryFolder();
        ServeOptions options = new() { Sessions = folder["sessions"] };
        Answer whole, before;
        await using (TestServer server = await TestServer.StartAsync(Model, options))
        {
            whole = (await server.CompleteAsync("{'prompt': 'The quick', 'max_tokens': 40, 'temperature': 0, 'logprobs': 0}")).Succeeded();
            (await server.PostAsync("/v1/sessions", "{'id': 'kept'}")).Succeeded();
            (await server.PostAsync("/v1/sessions", "{'id': 'gone'}")).Succeeded();
            (await server.PostAsync("/v1/sessions", "{'id': 'empty'}")).Succeeded();
            await SessionTests.FeedAsync(server, "kept", "The quick");
            (await SessionTests.GenerateAsync(server, "kept", "'max_tokens': 15, 'temperature': 0")).Succeeded();
            (await server.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "/v1/sessions/gone"))).Succeeded();
            before = await server.GetAsync("/v1/sessions/kept");
            // One server at a time.
            UnrollException taken = await Assert.ThrowsAsync<UnrollException>(() => TestServer.StartAsync(Model, options));
            Assert.Contains("no other server", taken.Message);
        }
        Assert.Equal(2, Directory.GetFiles(folder["sessions"]).Length);
        await using (TestServer server = await TestServer.StartAsync(Model, options))
        {
            Assert.Equal(["empty", "kept"], (await server.GetAsync("/v1/sessions")).Json.GetProperty("data").EnumerateArray().Select(each => each.GetProperty("id").GetString()));
            Assert.Equal(before.Text, (await server.GetAsync("/v1/sessions/kept")).Text);
            Answer rest = await SessionTests.GenerateAsync(server, "kept", "'max_tokens': 25, 'temperature': 0, 'logprobs': 0");
            Assert.EndsWith(rest.Choice, whole.Choice);
            Assert.Equal(Logprobs(whole).TakeLast(25), Logprobs(rest));
        }
    }

    [Fact]
    public async Task What_a_server_that_is_stopped_has_begun_is_kept()
    {
        using var folder = new TemporaryFolder();
        ServeOptions options = new() { Sessions = folder["sessions"], MaxTokens = int.MaxValue, Grace = TimeSpan.Zero };
        TestServer server = await TestServer.StartAsync(Model, options);
        (await server.PostAsync("/v1/sessions", "{'id': 's'}")).Succeeded();
        EventReader reader = await server.StreamAsync("/v1/sessions/s/generate", "{'max_tokens': 2000000000, 'stream': true}");
        Assert.NotNull(await reader.NextAsync());
        await server.DisposeAsync();
        reader.Dispose();
        await using TestServer again = await TestServer.StartAsync(Model, options);
        Assert.InRange((await again.GetAsync("/v1/sessions/s")).Succeeded().Json.GetProperty("tokens").GetInt64(), 1, long.MaxValue);
    }

    [Fact]
    public async Task Sessions_of_other_models_wait_and_old_ones_go()
    {
        using var folder = new TemporaryFolder();
        var clock = new Calendar();
        ServeOptions options = new() { Sessions = folder["sessions"] };
        await using (TestServer server = await TestServer.StartAsync(Model, options, clock))
            (await server.PostAsync("/v1/sessions", "{'id': 's'}")).Succeeded();
        LanguageModel other = Models.Create(CellKind.Gru);
        await using (TestServer server = await TestServer.StartAsync(other, options, clock))
        {
            Assert.Equal(0, (await server.GetAsync("/v1/sessions")).Json.GetProperty("data").GetArrayLength());
            Assert.Single(Directory.GetFiles(folder["sessions"], "*.session"));
        }
        clock.Advance(TimeSpan.FromHours(1.1));
        await using (TestServer server = await TestServer.StartAsync(other, options, clock))
            Assert.Empty(Directory.GetFiles(folder["sessions"], "*.session"));
    }

    [Fact]
    public async Task A_damaged_file_is_named()
    {
        using var folder = new TemporaryFolder();
        ServeOptions options = new() { Sessions = folder["sessions"] };
        await using (TestServer server = await TestServer.StartAsync(Model, options))
        {
            (await server.PostAsync("/v1/sessions", "{'id': 's'}")).Succeeded();
            await SessionTests.FeedAsync(server, "s", "fox");
        }
        string file = Directory.GetFiles(folder["sessions"], "*.session").Single();
        byte[] bytes = File.ReadAllBytes(file);
        int line = Array.IndexOf(bytes, (byte)'\n');
        foreach (byte[] damaged in (byte[][])
        [
            [], [.. "{}\n"u8], bytes[..^1], [.. bytes, 0], bytes[..line], bytes[(line + 1)..], [.. "{\"id\":\"../s\",\"created\":0,\"last_used\":99999999999}\n"u8, .. bytes[(line + 1)..]],
            [.. "{\"id\":null,\"created\":0,\"last_used\":99999999999}\n"u8, .. bytes[(line + 1)..]], [.. "{\"id\":\"s\",\"created\":-1,\"last_used\":9223372036854775807}\n"u8, .. bytes[(line + 1)..]],
            [.. "[1]\n"u8, .. bytes[(line + 1)..]], [.. bytes[..^4], 0, 0, 0xC0, 0x7F],
        ])
        {
            File.WriteAllBytes(file, damaged);
            UnrollException refused = await Assert.ThrowsAsync<UnrollException>(() => TestServer.StartAsync(Model, options));
            Assert.Contains(Path.GetFileName(file), refused.Message);
            Assert.Contains("delete the file", refused.Message);
        }
        File.WriteAllBytes(file, bytes);
        File.WriteAllBytes(Path.ChangeExtension(file, "2.session"), bytes);
        Assert.Contains("two called s", (await Assert.ThrowsAsync<UnrollException>(() => TestServer.StartAsync(Model, options))).Message);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_had_is_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");
        UnrollException refused = await Assert.ThrowsAsync<UnrollException>(() => TestServer.StartAsync(Model, new ServeOptions { Sessions = folder["file"] }));
        Assert.Contains("cannot be used for sessions", refused.Message);
    }

    private static IEnumerable<string> Logprobs(Answer answer) =>
        answer.Json.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Select(each => each.GetRawText());
}

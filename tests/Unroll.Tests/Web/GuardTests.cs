using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Unroll.Web;
using Unroll.Web.Safety;
using Xunit;

namespace Unroll.Tests.Web;

/// <summary>What a client hears when something goes wrong inside.</summary>
public class GuardTests
{
    [Fact]
    public async Task Nothing_of_what_is_inside_gets_out()
    {
        List<Exception> failures = [];
        using var guard = new Guard(new ServeOptions(), new Door(), failures.Add);
        DefaultHttpContext context = Context();
        await guard.Invoke(context, _ => throw new InvalidDataException("/home/me/secret"));
        string body = Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
        Assert.Equal("""{"error":{"message":"Something went wrong inside the server.","type":"server_error","param":null,"code":"internal_error"}}""", body);
        Assert.Equal((500, "/home/me/secret"), (context.Response.StatusCode, Assert.Single(failures).Message));
    }

    [Theory]
    [InlineData("application/json", true)] // half an object would look like a whole one to whoever reads to the end
    [InlineData("text/event-stream", false)] // events have told it themselves
    public async Task Half_an_answer_is_broken_off(string type, bool expected)
    {
        using var guard = new Guard(new ServeOptions(), new Door(), null);
        DefaultHttpContext context = Context();
        context.Features.Set<IHttpResponseFeature>(new Begun { ContentType = type });
        var lifetime = new Lifetime();
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        await guard.Invoke(context, _ => throw new InvalidDataException());
        Assert.Equal(expected, lifetime.IsAborted);
    }

    [Fact]
    public async Task Who_has_left_is_told_nothing_and_reported_to_nobody()
    {
        List<Exception> failures = [];
        var door = new Door();
        using var guard = new Guard(new ServeOptions(), door, failures.Add);
        DefaultHttpContext context = Context();
        context.RequestAborted = new CancellationToken(canceled: true);
        await guard.Invoke(context, _ => throw new OperationCanceledException());
        Assert.Equal((200, 0), (context.Response.StatusCode, (int)context.Response.Body.Length));
        Assert.Empty(failures);
        Assert.True(door.CloseAsync().IsCompleted);
    }

    private static DefaultHttpContext Context()
    {
        var context = new DefaultHttpContext();
        context.Request.Host = new HostString("localhost");
        context.Response.Body = new MemoryStream();
        return context;
    }

    private sealed class Begun : HttpResponseFeature
    {
        public override bool HasStarted => true;

        public string ContentType { init => Headers.ContentType = value; }
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; }

        public bool IsAborted { get; private set; }

        public void Abort() => IsAborted = true;
    }
}

using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;
using Unroll.Tests.Prediction;
using Unroll.Web;
using Xunit;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Unroll.Tests.Web;

/// <summary>.NET's own clients, unmodified, against the server. They know chats only.</summary>
public class DotnetClientTests
{
    private const string Prompt = "The quick";

    private static readonly LanguageModel Model = Models.Create();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OpenAI_gets_what_the_library_writes()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { ApiKey = "secret" });
        string expected = Expected(out GenerationOptions options);
        ChatClient chat = Client(server, "secret").GetChatClient(TestServer.ModelId);
        var settings = new ChatCompletionOptions { MaxOutputTokenCount = options.Length, Temperature = 1, IncludeLogProbabilities = true, TopLogProbabilityCount = 3 };
#pragma warning disable OPENAI001 // it is marked as one that may change
        settings.Seed = (long)options.Seed;
#pragma warning restore OPENAI001
        ChatCompletion whole = await chat.CompleteChatAsync([new UserChatMessage(Prompt)], settings, Stop);
        Assert.Equal((expected, OpenAI.Chat.ChatFinishReason.Length, 200 + Prompt.Length), (whole.Content[0].Text, whole.FinishReason, whole.Usage.TotalTokenCount));
        Assert.Equal((200, 3), (whole.ContentTokenLogProbabilities.Count, whole.ContentTokenLogProbabilities[5].TopLogProbabilities.Count));
        string streamed = "";
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync([new UserChatMessage(Prompt)], settings, Stop))
            streamed += string.Concat(update.ContentUpdate.Select(part => part.Text));
        Assert.Equal(expected, streamed);
        OpenAIModelCollection models = await Client(server, "secret").GetOpenAIModelClient().GetModelsAsync(Stop);
        Assert.Equal([TestServer.ModelId], models.Select(model => model.Id));
        ClientResultException refused = await Assert.ThrowsAsync<ClientResultException>(() => Client(server, "wrong").GetChatClient(TestServer.ModelId).CompleteChatAsync(Prompt));
        Assert.Equal(401, refused.Status);
        Assert.Contains("invalid_api_key", refused.Message);
        Assert.Empty(server.Failures);
    }

    [Fact]
    public async Task Microsoft_Extensions_AI_gets_what_the_library_writes()
    {
        await using TestServer server = await TestServer.StartAsync(Model, new ServeOptions { ApiKey = "secret" });
        string expected = Expected(out GenerationOptions options);
        using IChatClient chat = Client(server, "secret").GetChatClient(TestServer.ModelId).AsIChatClient();
        var settings = new ChatOptions { MaxOutputTokens = options.Length, Temperature = 1, Seed = (long)options.Seed };
        ChatMessage[] messages = [new(ChatRole.User, Prompt)];
        ChatResponse whole = await chat.GetResponseAsync(messages, settings, Stop);
        Assert.Equal((expected, Microsoft.Extensions.AI.ChatFinishReason.Length, options.Length), (whole.Text, whole.FinishReason, (int)whole.Usage!.OutputTokenCount!));
        string streamed = "";
        await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync(messages, settings, Stop))
            streamed += update.Text;
        Assert.Equal(expected, streamed);
        Assert.Empty(server.Failures);
    }

    private static string Expected(out GenerationOptions options)
    {
        using var alone = new TextGenerator(Model, threads: 1);
        options = new GenerationOptions { Length = 200, Temperature = 1, Seed = 7 };
        return alone.Generate(Prompt, options, Stop).Text;
    }

    private static OpenAIClient Client(TestServer server, string key) =>
        new(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(server.Server.Address, "v1") });
}

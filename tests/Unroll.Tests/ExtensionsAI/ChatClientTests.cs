using Microsoft.Extensions.AI;
using Unroll.Extensions.AI;
using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.ExtensionsAI;

public class ChatClientTests
{
    private static readonly ChatMessage Question = new(ChatRole.User, "some letters");

    [Fact]
    public async Task An_answer_is_what_TextGenerator_writes()
    {
        LanguageModel model = Models.Create();
        using var client = new UnrollChatClient(model);
        using var generator = new TextGenerator(model, threads: 1);
        var asked = new ChatOptions
        {
            Temperature = 0.7f,
            TopK = 12,
            TopP = 0.9f,
            FrequencyPenalty = 0.3f,
            PresencePenalty = 0.2f,
            MaxOutputTokens = 60,
            Seed = 42,
            StopSequences = ["~"],
            ResponseFormat = ChatResponseFormat.Text,
            ToolMode = ChatToolMode.Auto,
            ModelId = "unroll",
        };
        var meant = new GenerationOptions { Temperature = 0.7, TopK = 12, TopP = 0.9, FrequencyPenalty = 0.3, PresencePenalty = 0.2, Length = 60, Seed = 42 };

        ChatResponse response = await client.GetResponseAsync([Question], asked);
        Assert.Equal(generator.Generate("some letters", meant).Text, response.Text);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal((12L, 60L, 72L), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount));
        Assert.Equal("unroll", response.ModelId);
        Assert.Equal(ChatRole.Assistant, Assert.Single(response.Messages).Role);

        // What is not asked for is as the client's options say; equal requests get equal answers.
        string byDefault = (await client.GetResponseAsync([Question])).Text;
        Assert.Equal(generator.Generate("some letters", new GenerationOptions { Temperature = 0.8 }).Text, byDefault);
        Assert.Equal(byDefault, (await client.GetResponseAsync([Question])).Text);
        Assert.NotEqual(byDefault, (await client.GetResponseAsync([Question], new ChatOptions { Seed = -1 })).Text);
        string sparing = (await client.GetResponseAsync([Question], new ChatOptions { RawRepresentationFactory = _ => new GenerationOptions { Length = 30, MinP = 0.2, Temperature = 1 }, MaxOutputTokens = 20 })).Text;
        Assert.Equal(generator.Generate("some letters", new GenerationOptions { Length = 20, MinP = 0.2, Temperature = 1 }).Text, sparing);
    }

    [Fact]
    public async Task It_streams_the_same_answer()
    {
        using var client = new UnrollChatClient(Models.Create());
        var asked = new ChatOptions { MaxOutputTokens = 3000, Temperature = 1 };
        string whole = (await client.GetResponseAsync([Question], asked)).Text;
        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync([Question], asked).ToListAsync();
        Assert.Equal(whole, string.Concat(updates.Select(update => update.Text)));
        Assert.All(updates, update => Assert.Equal((updates[0].ResponseId, updates[0].ConversationId, ChatRole.Assistant), (update.ResponseId, update.ConversationId, update.Role)));
        Assert.All(updates.SkipLast(1), update => Assert.Null(update.FinishReason));
        Assert.Equal(ChatFinishReason.Length, updates[^1].FinishReason);
        Assert.Equal(3000, Assert.Single(updates[^1].Contents.OfType<UsageContent>()).Details.OutputTokenCount);
    }

    [Fact]
    public async Task A_stop_sequence_ends_an_answer_and_is_no_part_of_it()
    {
        LanguageModel model = Models.Create();
        using var client = new UnrollChatClient(model);
        using var generator = new TextGenerator(model, threads: 1);
        string written = generator.Generate("some letters", new GenerationOptions { Temperature = 0.8 }).Text, stop = written.Substring(20, 3);
        ChatResponse response = await client.GetResponseAsync([Question], new ChatOptions { StopSequences = [stop] });
        Assert.Equal(written[..written.IndexOf(stop, StringComparison.Ordinal)], response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task Messages_become_a_text_by_the_template()
    {
        LanguageModel model = Models.Create();
        using var generator = new TextGenerator(model, threads: 1);
        using var plain = new UnrollChatClient(model);
        var template = new ChatTemplate { SystemPrefix = "T", UserPrefix = "a: ", AssistantPrefix = "\nb: ", Separator = "\n" };
        using var dialogue = new UnrollChatClient(model, new UnrollChatOptions { Template = template });
        ChatMessage[] messages = [new(ChatRole.System, "be quick"), new(ChatRole.User, "the fox"), new(ChatRole.Assistant, "jumps"), new(ChatRole.User, "over")];

        Assert.Equal(Text("be quick\nthe foxjumps\nover"), (await plain.GetResponseAsync(messages)).Text);
        Assert.Equal(Text("Tbe quick\na: the fox\nb: jumps\na: over\nb: "), (await dialogue.GetResponseAsync(messages)).Text);
        Assert.Equal(Text("Tbe quick\na: the fox\nb: "), (await dialogue.GetResponseAsync([messages[1]], new ChatOptions { Instructions = "be quick" })).Text);
        Assert.Equal(Text(""), (await plain.GetResponseAsync([])).Text);

        string Text(string prefix) => generator.Generate(prefix, new GenerationOptions { Temperature = 0.8 }).Text;
    }

    [Fact]
    public async Task Many_callers_at_once_get_what_each_gets_alone()
    {
        using var client = new UnrollChatClient(Models.Create(), new UnrollChatOptions { Batch = new BatchOptions { Slots = 3, Queue = 100 }, Conversations = 10 });
        ChatOptions[] asked = [.. Enumerable.Range(0, 40).Select(seed => new ChatOptions { Seed = seed, MaxOutputTokens = 10 + seed, StopSequences = ["q"] })];
        List<string> alone = [];
        foreach (ChatOptions one in asked)
            alone.Add((await client.GetResponseAsync([Question], one)).Text);
        ChatResponse[] together = await Task.WhenAll(asked.Select(one => client.GetResponseAsync([Question], one)));
        Assert.Equal(alone, together.Select(response => response.Text));
        Assert.True(alone.Distinct().Count() > 20);
    }

    public static TheoryData<string, ChatOptions> Unsupported => new()
    {
        { "Tools is not supported", new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] } },
        { "ToolMode is not supported", new ChatOptions { ToolMode = ChatToolMode.RequireAny } },
        { "ResponseFormat is not supported", new ChatOptions { ResponseFormat = ChatResponseFormat.Json } },
        { "Reasoning is not supported", new ChatOptions { Reasoning = new ReasoningOptions() } },
        { "The option \"min_p\" is not supported", new ChatOptions { AdditionalProperties = new() { ["min_p"] = 0.1 } } },
        { "There is no model \"gpt\" here: this one is \"unroll\".", new ChatOptions { ModelId = "gpt" } },
        { "MaxOutputTokens must be at least 0, not -1.", new ChatOptions { MaxOutputTokens = -1 } },
        { "Temperature must be at least 0, not -0.5.", new ChatOptions { Temperature = -0.5f } },
        { "Temperature must be at least 0, not NaN.", new ChatOptions { Temperature = float.NaN } },
        { "TopP must be greater than 0", new ChatOptions { TopP = 0 } },
        { "StopSequences must be texts of at least one character", new ChatOptions { StopSequences = [""] } },
        { "There is no conversation \"x\" here, or no longer: of the last 256 answers each can be gone on from. Send all messages again, without a ConversationId.", new ChatOptions { ConversationId = "x" } },
    };

    [Theory]
    [MemberData(nameof(Unsupported), DisableDiscoveryEnumeration = true)]
    public async Task What_there_is_not_is_refused_by_name(string message, ChatOptions asked)
    {
        using var client = new UnrollChatClient(Models.Create());
        Assert.StartsWith(message, (await Assert.ThrowsAnyAsync<UnrollException>(() => client.GetResponseAsync([Question], asked))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<UnrollException>(async () => await client.GetStreamingResponseAsync([Question], asked).ToListAsync());
    }

    [Fact]
    public async Task A_message_that_is_not_text_or_of_another_role_is_refused()
    {
        using var client = new UnrollChatClient(Models.Create());
        var picture = new ChatMessage(ChatRole.User, [new TextContent("see"), new DataContent(new byte[] { 1 }, "image/png")]);
        Assert.Equal("A message holds DataContent, and this model reads text only: leave it out.", (await Assert.ThrowsAsync<UnrollException>(() => client.GetResponseAsync([picture]))).Message);
        Assert.StartsWith("A message comes from the role \"tool\"", (await Assert.ThrowsAsync<UnrollException>(() => client.GetResponseAsync([new(ChatRole.Tool, "x")]))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentNullException>("messages", () => client.GetResponseAsync((IEnumerable<ChatMessage>)null!));
        Assert.Throws<UnrollException>(() => new UnrollChatClient(Models.Create(), new UnrollChatOptions { Conversations = -1 }));
        Assert.Throws<OptionsException>(() => new UnrollChatClient(Models.Create(), new UnrollChatOptions { Batch = new BatchOptions { Slots = 0 } }));
    }

    [Fact]
    public async Task An_answer_can_be_broken_off_and_after_its_end_the_client_says_so()
    {
        var client = new UnrollChatClient(Models.Create());
        var endless = new ChatOptions { MaxOutputTokens = int.MaxValue };
        using var cancelled = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync([Question], endless, cancelled.Token))
                await cancelled.CancelAsync();
        });
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync([Question], endless))
            break; // its slot is free then
        Task<ChatResponse> waiting = client.GetResponseAsync([Question], endless);
        client.Dispose();
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync([Question]));
    }

    [Fact]
    public void It_tells_what_it_is()
    {
        LanguageModel model = Models.Create();
        using var client = new UnrollChatClient(model, new UnrollChatOptions { ModelId = "tales" });
        Assert.Same(client, client.GetService<IChatClient>());
        Assert.Same(client, client.GetService<UnrollChatClient>());
        Assert.Same(model, client.GetService<LanguageModel>());
        Assert.NotNull(client.GetService<BatchGenerator>());
        Assert.Equal(("unroll", "tales"), (client.GetService<ChatClientMetadata>()!.ProviderName, client.GetService<ChatClientMetadata>()!.DefaultModelId));
        Assert.Null(client.GetService<IChatClient>("key"));
        Assert.Null(client.GetService<string>());
    }
}

using Microsoft.Extensions.AI;
using Unroll.Extensions.AI;
using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.ExtensionsAI;

/// <summary>Going on from an answer is as if all messages had been sent again.</summary>
public class ConversationTests
{
    private static readonly ChatTemplate Dialogue = new() { UserPrefix = "a: ", AssistantPrefix = "\nb: " };

    [Theory]
    [InlineData(DocumentKind.None, "", false)]
    [InlineData(DocumentKind.None, "e", false)]
    [InlineData(DocumentKind.None, "e", true)]
    [InlineData(DocumentKind.None, "", true)]
    [InlineData(DocumentKind.Line, "", false)]
    [InlineData(DocumentKind.Line, "o", true)]
    public async Task Each_answer_is_the_one_to_all_messages(DocumentKind documents, string stop, bool remembers)
    {
        LanguageModel model = Models.Create(text: new TextOptions { Documents = documents });
        if (remembers)
            model = model.WithMemory(Unroll.Counts.CountMemory.Count(model.Vocabulary.Encode(Models.Text), model.Vocabulary));
        using var client = new UnrollChatClient(model, new UnrollChatOptions { Template = Dialogue });
        List<ChatMessage> history = [];
        string? conversation = null;
        foreach (string question in (string[])["the quick", "brown", "fox jumps over the lazy dogs", "and"])
        {
            ChatMessage message = new(ChatRole.User, question);
            history.Add(message);
            var asked = new ChatOptions { MaxOutputTokens = 30, Temperature = 1.2f, Seed = history.Count, StopSequences = stop.Length > 0 ? [stop] : null };
            string expected = (await client.GetResponseAsync(history, asked)).Text;

            asked.ConversationId = conversation;
            ChatResponse response = await client.GetResponseAsync([message], asked);
            Assert.Equal(expected, response.Text);
            Assert.NotNull(response.ConversationId);
            Assert.NotEqual(conversation, response.ConversationId);
            if (conversation is not null)
                Assert.Equal(("\na: " + question + "\nb: ").Length, response.Usage!.InputTokenCount);
            conversation = response.ConversationId;
            history.AddRange(response.Messages);
        }
    }

    [Fact]
    public async Task One_answer_can_be_gone_on_from_in_several_ways_at_once()
    {
        using var client = new UnrollChatClient(Models.Create(), new UnrollChatOptions { Template = Dialogue });
        ChatMessage[] messages = [new(ChatRole.User, "the quick"), new(ChatRole.User, "brown"), new(ChatRole.User, "fox")];
        ChatResponse first = await client.GetResponseAsync([messages[0]]);
        ChatResponse[] branches = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => client.GetResponseAsync([messages[1 + i % 2]], new ChatOptions { ConversationId = first.ConversationId })));
        for (int i = 0; i < branches.Length; i++)
            Assert.Equal((await client.GetResponseAsync([messages[0], .. first.Messages, messages[1 + i % 2]])).Text, branches[i].Text);
        Assert.Equal(10, branches.Select(branch => branch.ConversationId).Distinct().Count());
    }

    [Fact]
    public async Task Only_so_many_are_kept_and_those_used_last()
    {
        using var client = new UnrollChatClient(Models.Create(), new UnrollChatOptions { Conversations = 2 });
        string first = await Begin(), second = await Begin();
        await GoOn(first); // is kept, too, in place of the second
        await Assert.ThrowsAsync<UnrollException>(() => GoOn(second));
        await GoOn(first);

        async Task<string> Begin() => (await client.GetResponseAsync("some", new ChatOptions { MaxOutputTokens = 3 })).ConversationId!;
        Task<ChatResponse> GoOn(string id) => client.GetResponseAsync("more", new ChatOptions { MaxOutputTokens = 3, ConversationId = id });
    }

    [Fact]
    public async Task A_client_that_keeps_none_says_so()
    {
        using var client = new UnrollChatClient(Models.Create(), new UnrollChatOptions { Conversations = 0 });
        Assert.Null((await client.GetResponseAsync("some")).ConversationId);
        UnrollException refused = await Assert.ThrowsAsync<UnrollException>(() => client.GetResponseAsync("some", new ChatOptions { ConversationId = "x" }));
        Assert.StartsWith("ConversationId is not supported", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_is_broken_off_leaves_the_conversation_as_it_was()
    {
        using var client = new UnrollChatClient(Models.Create(), new UnrollChatOptions { Template = Dialogue });
        string conversation = (await client.GetResponseAsync("some")).ConversationId!;
        string expected = (await client.GetResponseAsync("more", new ChatOptions { ConversationId = conversation })).Text;
        string? broken = null;
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("more", new ChatOptions { ConversationId = conversation, MaxOutputTokens = int.MaxValue }))
        {
            broken = update.ConversationId;
            break;
        }
        Assert.Equal(expected, (await client.GetResponseAsync("more", new ChatOptions { ConversationId = conversation })).Text);
        await Assert.ThrowsAsync<UnrollException>(() => client.GetResponseAsync("more", new ChatOptions { ConversationId = broken }));
    }
}

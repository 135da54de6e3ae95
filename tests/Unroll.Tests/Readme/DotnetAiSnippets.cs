// What docs/dotnet-ai.md shows, for the compiler; see Snippets.cs.
#pragma warning disable IDE0059
using Microsoft.Extensions.AI;
using Unroll.Extensions.AI;

namespace Unroll.Tests.Readme;

internal static class DotnetAiSnippets
{
    public static async Task Chats()
    {
        LanguageModel model = LanguageModel.Load("shakespeare.safetensors");
        using IChatClient client = new UnrollChatClient(model);
        ChatResponse first = await client.GetResponseAsync("My lord, ", new ChatOptions { MaxOutputTokens = 120, StopSequences = ["\n\n"] });
        Console.WriteLine(first.Text);

        var next = new ChatOptions { ConversationId = first.ConversationId, Temperature = 1, Seed = 7 };
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("HAMLET:\n", next))
            Console.Write(update.Text);

        var play = new ChatTemplate { UserPrefix = "HAMLET:\n", AssistantPrefix = "\n\nHORATIO:\n", Separator = "\n\n" };
        using var horatio = new UnrollChatClient(model, new UnrollChatOptions { Template = play });
        ChatResponse reply = await horatio.GetResponseAsync("My father! methinks I see my father.", new ChatOptions { StopSequences = ["\n\n"] });

        using var embeddings = new UnrollEmbeddingGenerator(model);
        GeneratedEmbeddings<Embedding<float>> vectors = await embeddings.GenerateAsync(["My lord!", "My liege!"]);
        float cosine = 0;
        for (int i = 0; i < vectors[0].Dimensions; i++)
            cosine += vectors[0].Vector.Span[i] * vectors[1].Vector.Span[i];
    }
}

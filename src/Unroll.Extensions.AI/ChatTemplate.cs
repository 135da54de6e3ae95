using System.Text;
using Microsoft.Extensions.AI;

namespace Unroll.Extensions.AI;

/// <summary>How messages become the text that a model continues. By default nothing is added but a line break before every message
/// that is not the model's own: the model goes on where the last message ends. A model that was trained on dialogues wants its
/// speakers' names here.</summary>
public sealed record ChatTemplate
{
    /// <summary>What stands between what came before and a message of the user or the system; not before a text's first.</summary>
    public string Separator { get; init; } = "\n";

    /// <summary>What a user's message begins with.</summary>
    public string UserPrefix { get; init; } = "";

    /// <summary>What a system message begins with; the instructions of a request are one.</summary>
    public string SystemPrefix { get; init; } = "";

    /// <summary>What the model's messages begin with: it is written before each of them, and last of all before the one that is wanted.</summary>
    public string AssistantPrefix { get; init; } = "";

    /// <summary>The text that is to be continued.</summary>
    /// <param name="messages">The messages, in order.</param>
    /// <param name="begins">Whether they are the first of their conversation.</param>
    /// <exception cref="UnrollException">A message holds something other than text, or comes from someone else than user, system and
    /// assistant.</exception>
    internal string Render(IEnumerable<ChatMessage> messages, bool begins)
    {
        var text = new StringBuilder();
        foreach (ChatMessage message in messages)
        {
            ArgumentNullException.ThrowIfNull(message, nameof(messages));
            if (message.Contents.FirstOrDefault(content => content is not (TextContent or UsageContent)) is { } content)
                throw new UnrollException($"A message holds {content.GetType().Name}, and this model reads text only: leave it out.");
            if (message.Role == ChatRole.Assistant)
                text.Append(AssistantPrefix);
            else
                text.Append(begins && text.Length == 0 ? "" : Separator).Append(PrefixOf(message.Role));
            text.Append(message.Text);
        }
        return text.Append(AssistantPrefix).ToString();
    }

    private string PrefixOf(ChatRole role) => role == ChatRole.User ? UserPrefix : role == ChatRole.System ? SystemPrefix
        : throw new UnrollException($"A message comes from the role \"{role.Value}\": this model knows user, system and assistant.");
}

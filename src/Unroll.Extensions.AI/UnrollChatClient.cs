// A local model behind .NET's abstraction of chats. It knows nothing of the model's inside: messages become a text, a BatchGenerator
// continues it beside whatever else it continues, and what comes is the answer.
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;

namespace Unroll.Extensions.AI;

/// <summary>A language model that answers chats by continuing their text. Any number of threads may ask at once; each answer is to the
/// bit what it is alone. Temperature, top-p, top-k, penalties, seed, stop sequences and the most tokens are heeded, other options are
/// refused by name. An answer's <see cref="ChatResponse.ConversationId"/> stands for the state after it: whoever gives it with the next
/// request sends the new messages only, and nothing is read again. An answer that is broken off leaves the conversation as it was.</summary>
public sealed class UnrollChatClient : IChatClient
{
    /// <summary>The most characters of an update: what has come meanwhile comes together.</summary>
    private const int MostCharacters = 4096;

    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(5);

    private readonly UnrollChatOptions options;
    private readonly BatchGenerator generator;
    private readonly Conversations conversations;
    private readonly ChatClientMetadata metadata;

    /// <summary>Prepares a model, which must not change while it is in use.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What it may use; null = the defaults.</param>
    /// <exception cref="UnrollException">The options make no sense, or there is not enough memory.</exception>
    public UnrollChatClient(LanguageModel model, UnrollChatOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.options = options ?? new UnrollChatOptions();
        this.options.Validate();
        generator = new BatchGenerator(model, this.options.Batch);
        conversations = new Conversations(this.options.Conversations);
        metadata = new ChatClientMetadata("unroll", defaultModelId: this.options.ModelId);
    }

    /// <summary>Answers messages.</summary>
    /// <param name="messages">The messages: all of them, or those after the answer that <see cref="ChatOptions.ConversationId"/> names.</param>
    /// <param name="options">How to answer; null = as the client's options say.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnrollException">An option or a message that there is not here, or a conversation that is not kept.</exception>
    /// <exception cref="QueueFullException">Too many requests wait.</exception>
    /// <exception cref="ObjectDisposedException">The client has been disposed of.</exception>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <summary>Answers messages, piece by piece: the first token at once, then all that has come meanwhile. The exceptions are those of
    /// <see cref="GetResponseAsync"/>, once the first piece is asked for.</summary>
    /// <inheritdoc cref="GetResponseAsync"/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return Answer(messages, options, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? metadata
            : serviceType == typeof(LanguageModel) ? generator.Model
            : serviceType == typeof(BatchGenerator) ? generator
            : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Ends every answer.</summary>
    public void Dispose() => generator.Dispose();

    private async IAsyncEnumerable<ChatResponseUpdate> Answer(IEnumerable<ChatMessage> messages, ChatOptions? asked, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        GenerationOptions generation = RequestOptions.Of(asked, options, this);
        Place? start = asked?.ConversationId is { } conversation ? conversations.Find(conversation) : null;
        if (!string.IsNullOrEmpty(asked?.Instructions))
            messages = messages.Prepend(new ChatMessage(ChatRole.System, asked.Instructions));
        string prefix = options.Template.Render(messages, begins: start is null);
        GenerationRequest request = GoOn(start, prefix) with { Options = generation, OmitStopText = true, ReturnState = conversations.AreKept };
        string id = Guid.NewGuid().ToString("N");
        using GenerationStream stream = generator.Start(request, cancellationToken);
        (StringBuilder answer, StringBuilder piece) = (new StringBuilder(), new StringBuilder());
        while (await stream.Tokens.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            piece.Clear();
            while (piece.Length < MostCharacters && stream.Tokens.TryRead(out GeneratedToken token))
                piece.Append(token.Text);
            answer.Append(piece);
            if (piece.Length > 0)
                yield return Update(id, new TextContent(piece.ToString()));
        }
        GenerationOutcome outcome = await stream.Outcome.ConfigureAwait(false);
        if (outcome.Reason == FinishReason.Cancelled)
            throw new OperationCanceledException(cancellationToken);
        ObjectDisposedException.ThrowIf(outcome.Reason == FinishReason.Disposed, this);
        if (conversations.AreKept)
        {
            string read = prefix + answer;
            RecurrentState state = outcome.Reason == FinishReason.Length ? outcome.State! : await StateAfter(start, read, cancellationToken).ConfigureAwait(false);
            conversations.Add(id, new Place(state, read.Length == 0 ? start is { InLine: true } : read[^1] != '\n'));
        }
        ChatResponseUpdate last = Update(id, new UsageContent(new UsageDetails
        {
            InputTokenCount = outcome.PrefixTokens,
            CachedInputTokenCount = outcome.CachedTokens,
            OutputTokenCount = outcome.Tokens,
            TotalTokenCount = outcome.PrefixTokens + outcome.Tokens,
        }));
        last.FinishReason = outcome.Reason == FinishReason.Length ? ChatFinishReason.Length : ChatFinishReason.Stop;
        yield return last;
    }

    // What has been produced and is not part of the answer, a stop text or a document's end, must not be part of the conversation either:
    // it is as if the answer had been sent again.
    private async Task<RecurrentState> StateAfter(Place? start, string text, CancellationToken cancellationToken)
    {
        GenerationRequest again = GoOn(start, text) with { Options = new GenerationOptions { Length = 0 }, ReturnState = true };
        while (true)
        {
            try
            {
                using GenerationStream stream = generator.Start(again, cancellationToken);
                GenerationOutcome outcome = await stream.Outcome.ConfigureAwait(false);
                if (outcome.Reason == FinishReason.Cancelled)
                    throw new OperationCanceledException(cancellationToken);
                ObjectDisposedException.ThrowIf(outcome.Reason == FinishReason.Disposed, this);
                return outcome.State!;
            }
            catch (QueueFullException)
            {
                await Task.Delay(Wait, cancellationToken).ConfigureAwait(false); // the answer is there: it is not given up for that
            }
        }
    }

    // Where every line is a document, a break ends one that has begun; by itself a piece of text would know of none.
    private GenerationRequest GoOn(Place? start, string text)
    {
        Vocabulary vocabulary = generator.Model.Vocabulary;
        return vocabulary.EndId is { } end && vocabulary.Text.Documents == DocumentKind.Line && start is { InLine: true } && text.StartsWith('\n')
            ? new GenerationRequest { Start = start.State, PrefixIds = [end, .. vocabulary.Encode(text[1..])] }
            : new GenerationRequest { Start = start?.State, Prefix = text };
    }

    private ChatResponseUpdate Update(string id, AIContent content) => new(ChatRole.Assistant, [content])
    {
        ResponseId = id,
        MessageId = id,
        ConversationId = conversations.AreKept ? id : null,
        ModelId = options.ModelId,
    };
}

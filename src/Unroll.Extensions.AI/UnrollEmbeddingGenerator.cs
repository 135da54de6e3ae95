// Texts as vectors: what the network has come to when it has read them.
using Microsoft.Extensions.AI;

namespace Unroll.Extensions.AI;

/// <summary>Embeds texts as the hidden state of the last layer after their last token; of a model of several networks, the hidden states
/// of all, one after another. A memory of counts has no state and no part in it. A recurrent network remembers best what it read last, so
/// texts that end alike are near each other: good for lines, names and short texts, not for the topics of long ones. Any number of
/// threads may ask at once; each vector is to the bit what it is alone.</summary>
public sealed class UnrollEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly UnrollEmbeddingOptions options;
    private readonly BatchGenerator generator;
    private readonly SemaphoreSlim slots;
    private readonly EmbeddingGeneratorMetadata metadata;
    private readonly int dimensions;

    /// <summary>Prepares a model, which must not change while it is in use.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What it may use; null = the defaults.</param>
    /// <exception cref="UnrollException">The options make no sense, or there is not enough memory.</exception>
    public UnrollEmbeddingGenerator(LanguageModel model, UnrollEmbeddingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.options = options ?? new UnrollEmbeddingOptions();
        this.options.Validate();
        // Nobody is refused: who comes when all slots are taken waits here, not in the queue.
        generator = new BatchGenerator(model, this.options.Batch with { Queue = Math.Max(this.options.Batch.Queue, this.options.Batch.Slots) });
        slots = new SemaphoreSlim(this.options.Batch.Slots);
        dimensions = model.Members.Sum(network => network.Options.HiddenSize);
        metadata = new EmbeddingGeneratorMetadata("unroll", defaultModelId: this.options.ModelId, defaultModelDimensions: dimensions);
    }

    /// <summary>Embeds texts.</summary>
    /// <param name="values">The texts; of an empty one the vector is that of a text's beginning.</param>
    /// <param name="options">The model's name and the vectors' length, if given, must be the generator's.</param>
    /// <param name="cancellationToken">Breaks off with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The vectors in the order of the texts, each as long as all networks have units in a layer.</returns>
    /// <exception cref="UnrollException">An option that there is not here.</exception>
    /// <exception cref="ObjectDisposedException">The generator has been disposed of.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        RequestOptions.RequireModel(options?.ModelId, this.options.ModelId);
        RequestOptions.RequireNoMore(options?.AdditionalProperties);
        if (options?.Dimensions is { } asked && asked != dimensions)
            throw new UnrollException($"{nameof(EmbeddingGenerationOptions.Dimensions)} must be {dimensions}, as long as this model's hidden state is, not {asked}.");
        GenerationOutcome[] outcomes = await Task.WhenAll(values.Select(text => Read(text, cancellationToken)).ToArray()).ConfigureAwait(false);
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(outcomes.Select(outcome => new Embedding<float>(Vector(outcome.State!)) { ModelId = this.options.ModelId }));
        long tokens = outcomes.Sum(outcome => (long)outcome.PrefixTokens);
        embeddings.Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens, CachedInputTokenCount = outcomes.Sum(outcome => (long)outcome.CachedTokens) };
        return embeddings;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? metadata
            : serviceType == typeof(LanguageModel) ? generator.Model
            : serviceType == typeof(BatchGenerator) ? generator
            : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Breaks off what is being read.</summary>
    public void Dispose() => generator.Dispose();

    private async Task<GenerationOutcome> Read(string text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text, "values");
        await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var request = new GenerationRequest { Prefix = text, Options = new GenerationOptions { Length = 0 }, ReturnState = true };
            using GenerationStream stream = generator.Start(request, cancellationToken);
            GenerationOutcome outcome = await stream.Outcome.ConfigureAwait(false);
            if (outcome.Reason == FinishReason.Cancelled)
                throw new OperationCanceledException(cancellationToken);
            ObjectDisposedException.ThrowIf(outcome.Reason == FinishReason.Disposed, this);
            return outcome;
        }
        finally
        {
            slots.Release();
        }
    }

    private float[] Vector(RecurrentState state)
    {
        float[] vector = new float[dimensions];
        int start = 0;
        foreach (RecurrentState network in state.Members)
        {
            network.Hidden(network.Layers - 1).CopyTo(vector.AsSpan(start));
            start += network.HiddenSize;
        }
        if (!options.Normalized)
            return vector;
        double squares = 0;
        foreach (float value in vector)
            squares += (double)value * value;
        double length = Math.Sqrt(squares);
        for (int i = 0; length > 0 && i < vector.Length; i++)
            vector[i] = (float)(vector[i] / length);
        return vector;
    }
}

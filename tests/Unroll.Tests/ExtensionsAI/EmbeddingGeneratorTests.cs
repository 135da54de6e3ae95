using Microsoft.Extensions.AI;
using Unroll.Extensions.AI;
using Unroll.Tests.Prediction;
using Xunit;

namespace Unroll.Tests.ExtensionsAI;

public class EmbeddingGeneratorTests
{
    [Fact]
    public async Task A_vector_is_the_last_layer_s_hidden_state_of_all_networks()
    {
        LanguageModel first = Models.Create(), second = Models.Create(CellKind.Gru, layers: 1), both = LanguageModel.Average(first, second);
        using var generator = new UnrollEmbeddingGenerator(both, new UnrollEmbeddingOptions { Normalized = false });
        using var normalizing = new UnrollEmbeddingGenerator(both);
        string[] texts = ["the quick", "", "brown fox, é", "the quick"];
        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(texts), normalized = await normalizing.GenerateAsync(texts);

        Assert.Equal(4, embeddings.Count);
        for (int i = 0; i < texts.Length; i++)
        {
            float[] expected = [.. StateAfter(first, texts[i]).Hidden(1), .. StateAfter(second, texts[i]).Hidden(0)];
            Assert.Equal(expected, embeddings[i].Vector.ToArray());
            double length = Math.Sqrt(expected.Sum(value => (double)value * value));
            Assert.All(expected.Zip(normalized[i].Vector.ToArray()), pair => Assert.Equal(pair.First / length, pair.Second, 1e-6));
            Assert.Equal("unroll", embeddings[i].ModelId);
        }
        Assert.Equal(texts.Sum(text => text.Length), embeddings.Usage!.InputTokenCount);
        Assert.Equal(embeddings[0].Vector.ToArray(), embeddings[3].Vector.ToArray());
        Assert.Empty(await generator.GenerateAsync([]));

        static RecurrentState StateAfter(LanguageModel model, string text)
        {
            using var predictor = new TextPredictor(model, threads: 1);
            if (text.Length > 0) // nothing: as after a line break
            {
                predictor.SetState(new RecurrentState(model));
                predictor.Feed(text);
            }
            return predictor.GetState();
        }
    }

    [Fact]
    public async Task More_texts_than_slots_wait_for_each_other()
    {
        LanguageModel model = Models.Create();
        using var generator = new UnrollEmbeddingGenerator(model, new UnrollEmbeddingOptions { Batch = new BatchOptions { Slots = 2, Queue = 0 } });
        string[] texts = [.. Enumerable.Range(0, 50).Select(i => Models.Text[..(1 + i)])];
        GeneratedEmbeddings<Embedding<float>>[] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => generator.GenerateAsync(texts)));
        for (int i = 0; i < texts.Length; i++)
        {
            float[] alone = (await generator.GenerateVectorAsync(texts[i])).ToArray();
            Assert.All(answers, answer => Assert.Equal(alone, answer[i].Vector.ToArray()));
        }
    }

    [Fact]
    public async Task What_there_is_not_is_refused_by_name_and_what_it_is_it_tells()
    {
        LanguageModel model = Models.Create();
        var generator = new UnrollEmbeddingGenerator(model, new UnrollEmbeddingOptions { ModelId = "tales" });
        Assert.Equal(("tales", 20), (generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions));
        Assert.Same(model, generator.GetService<LanguageModel>());
        Assert.Same(generator, generator.GetService<UnrollEmbeddingGenerator>());
        Assert.Null(generator.GetService(typeof(LanguageModel), "key"));
        Assert.Single(await generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 20, ModelId = "tales" }));
        Assert.Equal("Dimensions must be 20, as long as this model's hidden state is, not 10.", await Refused(new EmbeddingGenerationOptions { Dimensions = 10 }));
        Assert.Equal("There is no model \"unroll\" here: this one is \"tales\".", await Refused(new EmbeddingGenerationOptions { ModelId = "unroll" }));
        Assert.StartsWith("The option \"x\" is not supported", await Refused(new EmbeddingGenerationOptions { AdditionalProperties = new() { ["x"] = 1 } }), StringComparison.Ordinal);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.GenerateAsync(["a"], cancellationToken: cancelled.Token));
        generator.Dispose();
        generator.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => generator.GenerateAsync(["a"]));

        async Task<string> Refused(EmbeddingGenerationOptions options) => (await Assert.ThrowsAsync<UnrollException>(() => generator.GenerateAsync(["a"], options))).Message;
    }
}

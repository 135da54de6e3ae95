using Unroll.Model;
using Xunit;

namespace Unroll.Tests.Model;

/// <summary>A model for more tokens: what it knew it knows as before, and of the new tokens it knows what tokens have in common.</summary>
public class GrownNetworkTests
{
    public static TheoryData<string> Names => [.. ModelCase.Kinds.Where(kind => kind.Options.AdaptiveSoftmax == 0).Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_known_is_predicted_as_before_to_the_bit(string name)
    {
        LanguageModel before = ModelCase.Find(name).Model();
        int known = before.Vocabulary.Count;
        LanguageModel after = GrownNetwork.Of(before, More(before.Vocabulary, 3), more: null);
        int[] text = [.. Enumerable.Range(0, 12).Select(i => (i * i + i / 3) % known)];
        using CpuEngine old = Engines.Make(before, 1, 1, training: false), young = Engines.Make(after, 1, 1, training: false);
        foreach (int token in text)
        {
            float[] expected = old.Step([token])[..known].ToArray(), logits = young.Step([token])[..(known + 3)].ToArray();
            Assert.Equal(expected, logits[..known]);
            Assert.Equal(logits[known], logits[known + 1]);
            // Without logits by n-gram, the mean of what is known.
            if (before.Options.OutputNgrams == 0)
                Assert.Equal(expected.Skip(1).Average(logit => (double)logit), logits[known], 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_new_token_is_read_as_the_mean_of_all_known_ones(string name)
    {
        LanguageModel before = ModelCase.Find(name).Model();
        int known = before.Vocabulary.Count;
        LanguageModel after = GrownNetwork.Of(before, More(before.Vocabulary, 2), more: null);
        bool vectors = before.Options.EmbeddingSize > 0;
        float[] input = after.Parameters[vectors ? "embedding.weight" : "rnn.weight_ih_l0"].ToArray();
        int length = input.Length / (known + 2);
        for (int i = 0; i < length; i++)
        {
            float Number(int token) => vectors ? input[token * length + i] : input[i * (known + 2) + token];
            double mean = Enumerable.Range(1, known - 1).Average(token => (double)Number(token));
            Assert.Equal((float)mean, Number(known));
            Assert.Equal((float)mean, Number(known + 1));
        }
        foreach (ParameterTensor tensor in before.Parameters.Tensors.Where(tensor => tensor.Rows != known && tensor.Columns != known))
            Assert.Equal(before.Parameters.Slice(tensor).ToArray(), after.Parameters[tensor.Name].ToArray());
    }

    // Clusters of 32, 64 and 22 tokens become 32, 64, 128, 256 and 20; where there are new ones, the head has more to share out.
    [Theory]
    [InlineData(7)]
    [InlineData(400)]
    public void An_adaptive_softmax_gets_larger_and_more_clusters(int more)
    {
        LanguageModel before = ModelCase.Find("cifg, adaptive softmax, embedding").Model(), after = GrownNetwork.Of(before, More(before.Vocabulary, more), more: null);
        int known = before.Vocabulary.Count, head = before.Options.AdaptiveSoftmax;
        using CpuEngine old = Engines.Make(before, 1, 1, training: false), young = Engines.Make(after, 1, 1, training: false);
        foreach (int token in (int[])[3, 140, 40, 0])
        {
            float[] expected = old.Step([token])[..known].ToArray(), found = young.Step([token])[..(known + more)].ToArray();
            for (int id = 1; id < head; id++)
                Assert.Equal(expected[id] - expected[0], found[id] - found[0], 1e-5);
            Assert.Equal(1, found.Sum(value => Math.Exp(value)), 1e-5);
            Assert.All(found, value => Assert.InRange(value, -20, 0));
            Assert.Equal(found[^2], found[^1]);
        }
        foreach (ParameterTensor tensor in after.Parameters.Tensors.Where(tensor => tensor.Name.EndsWith(".0.weight", StringComparison.Ordinal)))
            Assert.Contains(after.Parameters.Slice(tensor).ToArray(), value => value != 0);
    }

    [Fact]
    public void No_more_tokens_make_a_copy()
    {
        foreach (ModelCase kind in ModelCase.Kinds)
        {
            LanguageModel before = kind.Model(), after = GrownNetwork.Of(before, before.Vocabulary, more: null);
            Assert.Equal(before.Fingerprint(), after.Fingerprint());
            after.Parameters.Values[0]++;
            Assert.NotEqual(before.Parameters.Values[0], after.Parameters.Values[0]);
            Assert.NotEqual(before.Fingerprint(), after.Fingerprint());
        }
    }

    [Fact]
    public void N_grams_are_found_where_they_were()
    {
        int[] text = [.. Enumerable.Range(0, 300).Select(i => i * i % 7 % 5)];
        NgramIndex before = NgramCounter.Count(new TokenIds(text), 5, end: null, new ModelOptions { OutputNgrams = 4 }), after = before.Among(9);
        Assert.True(before.RowsTo(4) > before.RowsTo(3) && before.RowsTo(3) > before.RowsTo(2));
        Assert.Equal(Enumerable.Range(2, 3).Select(before.RowsTo), Enumerable.Range(2, 3).Select(after.RowsTo));
        var found = new HashSet<int>();
        for (int end = 3; end < text.Length; end++)
        {
            int old = ~text[end], young = ~text[end];
            for (int back = 1; back < 4; back++)
            {
                (old, young) = (before.Find(old, text[end - back]), after.Find(young, text[end - back]));
                Assert.Equal(old, young);
                found.Add(old);
                if (old < 0)
                    break;
            }
        }
        Assert.Equal(before.Rows, found.Count(row => row >= 0));
        for (int token = 5; token < 9; token++)
            Assert.Equal((-1, -1), (after.Find(~token, 1), after.Find(0, token)));
    }

    [Fact]
    public void New_n_grams_say_nothing_and_known_ones_what_they_said()
    {
        int[] Text(int factor) => [.. Enumerable.Range(0, 400).Select(i => i * i * factor % 11 % 5)];
        ModelOptions options = ModelCase.Find("lstm, n-grams in and out").Options;
        NgramIndex own = NgramCounter.Count(new TokenIds(Text(1)), 5, end: null, options), theirs = NgramCounter.Count(new TokenIds(Text(3)), 5, end: null, options);
        NgramIndex all = own.With(theirs, out int[] places);
        HashSet<string> known = Spelt(own), added = Spelt(theirs), both = Spelt(all);
        Assert.True(added.Except(known).Any() && known.Except(added).Any() && known.Intersect(added).Any());
        Assert.Equal(known.Union(added).Order(), both.Order());
        string[] names = [.. Names(all)];
        Assert.Equal(Names(own), places.Select(place => names[place]));

        var before = new LanguageModel(ModelCase.VocabularyOf(5), options, own);
        var random = new Random(1);
        foreach (ref float value in before.Parameters.Values)
            value = (float)random.NextDouble() - 0.5f;
        LanguageModel after = GrownNetwork.Of(before, before.Vocabulary, theirs);
        Assert.True(after.Parameters.Count > before.Parameters.Count);
        using CpuEngine old = Engines.Make(before, 1, 1, training: false), young = Engines.Make(after, 1, 1, training: false);
        foreach (int token in Text(7))
            Assert.Equal(old.Step([token])[..5].ToArray(), young.Step([token])[..5].ToArray());

        // Each row's n-gram in full, the latest token first.
        static IEnumerable<string> Names(NgramIndex index)
        {
            var names = new List<string>();
            for (int row = 0; row < index.Rows; row++)
                names.Add((index.Entries[2 * row] is var node && node < 5 ? $"{node}" : names[node - 5]) + $" {index.Entries[2 * row + 1]}");
            return names;
        }

        static HashSet<string> Spelt(NgramIndex index) => [.. Names(index)];
    }

    [Fact]
    public void A_fingerprint_is_of_all_that_a_model_predicts_by_and_of_nothing_else()
    {
        using var folder = new TemporaryFolder();
        LanguageModel model = ModelCase.Find("lstm, n-grams in and out").Model();
        string own = model.Fingerprint();
        Assert.Matches("^[0-9a-f]{64}$", own);
        Checkpoint.Write(folder["m"], new Checkpoint(model, new TrainingSummary { Epochs = 3 }));
        Assert.Equal(own, LanguageModel.Load(folder["m"]).Fingerprint());
        var other = new LanguageModel(new Vocabulary([.. model.Vocabulary.Tokens.SkipLast(1), "other"], model.Vocabulary.Text), model.Options, model.Ngrams);
        model.Parameters.Values.CopyTo(other.Parameters.Values);
        Assert.NotEqual(own, other.Fingerprint());
        Assert.NotEqual(own, LanguageModel.Average(model, GrownNetwork.Of(model, model.Vocabulary, more: null)).Fingerprint());
        model.Parameters["decoder.ngrams"][^1] += 1;
        Assert.NotEqual(own, model.Fingerprint());
    }

    private static Vocabulary More(Vocabulary vocabulary, int count) =>
        new([.. vocabulary.Tokens, .. Enumerable.Range(0, count).Select(i => $"new {i}")], vocabulary.Text);
}

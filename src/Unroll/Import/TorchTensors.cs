// Which tensor of a file is which of ours. The recurrent layers of torch.nn have names of their own under whatever name a program gives
// them; an embedding is a matrix without a bias, a linear layer one with a bias, and shapes or customary names tell the rest apart. A
// tensor that is none of these could change what the others mean: then nothing is taken.
using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Checkpoints;
using Unroll.Options;

namespace Unroll.Import;

/// <summary>The tensors of a file, under our names.</summary>
internal static partial class TorchTensors
{
    private const string Wanted = "wanted are, under whatever names, an embedding (a matrix [V, E], or none where the input is one-hot), one torch.nn.RNN, GRU or LSTM "
        + "(NAME.weight_ih_l0 and so on), a linear layer (a matrix [V, H] and a vector [V]), and nothing else";
    private const int MostShown = 12;

    private static readonly string[] EmbeddingNames = ["embedding", "embeddings", "embed", "emb", "encoder", "wte", "word_embeddings"];

    /// <summary>Finds them.</summary>
    /// <returns>By our names; those that a file may lack, biases and a decoder that shares the embedding's weights, may be missing.</returns>
    public static Dictionary<string, SafetensorsTensor> Find(SafetensorsHeader header)
    {
        // Of a tensor under two names safetensors keeps one, and the other in the metadata.
        var given = new Dictionary<string, SafetensorsTensor>(header.Tensors);
        foreach ((string name, string kept) in header.Metadata)
        {
            if (header.Tensors.TryGetValue(kept, out SafetensorsTensor? tensor))
                given.TryAdd(name, tensor with { Name = name });
        }
        if (given.Values.FirstOrDefault(tensor => tensor.IsWhole) is { } whole)
            throw Unlike(given, $"{Quoted.Text(whole.Name)} has whole numbers");

        string[] modules = [.. given.Keys.Where(name => name.Split('.')[^1] == "weight_ih_l0").Select(name => name[..^"weight_ih_l0".Length])];
        if (modules.Length != 1)
            throw Unlike(given, modules.Length == 0 ? $"it has no recurrent layers of torch.nn" : $"it has {modules.Length} recurrent modules");
        var found = new Dictionary<string, SafetensorsTensor>();
        var others = new Dictionary<string, SafetensorsTensor>();
        foreach ((string name, SafetensorsTensor tensor) in given)
        {
            string last = name.Split('.')[^1];
            if (!name.StartsWith(modules[0], StringComparison.Ordinal) || !RecurrentName().IsMatch(last) || name.Length != modules[0].Length + last.Length)
                others.Add(name, tensor);
            else if (last.EndsWith("_reverse", StringComparison.Ordinal))
                throw Unlike(given, $"it reads texts from both ends (bidirectional), and so cannot write one");
            else if (last.StartsWith("weight_hr", StringComparison.Ordinal))
                throw Unlike(given, $"its LSTM has projections (proj_size)");
            else
                found.Add($"rnn.{last}", tensor);
        }
        FindOthers(given, others, found);
        return found;
    }

    private static void FindOthers(Dictionary<string, SafetensorsTensor> given, Dictionary<string, SafetensorsTensor> others, Dictionary<string, SafetensorsTensor> found)
    {
        if (others.Keys.FirstOrDefault(name => name.EndsWith(".tail.0.0.weight", StringComparison.Ordinal)) is { } tail)
        {
            string module = tail[..^"tail.0.0.weight".Length];
            foreach (string name in others.Keys.Where(name => name.StartsWith(module, StringComparison.Ordinal)).ToList())
            {
                found.Add($"decoder.{name[module.Length..]}", others[name]);
                others.Remove(name);
            }
        }
        bool isAdaptive = found.ContainsKey("decoder.tail.0.0.weight");
        string[] linear = [.. Modules(others, ".bias")];
        string[] matrices = [.. Modules(others, ".weight").Except(linear)];
        if (others.Keys.FirstOrDefault(name => !Modules(others, ".bias").Contains(Module(name)) && !matrices.Contains(Module(name))) is { } strange)
            throw Unlike(given, $"{Quoted.Text(strange)} is none of what is wanted");
        if (!isAdaptive && linear.Length == 0 && matrices.Length > 0)
        {
            // A linear layer without a bias looks like an embedding.
            linear = matrices.Length == 1 ? matrices : [.. matrices.Where(name => !IsEmbedding(others[name + ".weight"], name))];
            matrices = [.. matrices.Except(linear)];
        }
        if (linear.Length != (isAdaptive ? 0 : 1) || matrices.Length > 1)
            throw Unlike(given, linear.Length == 0 && !isAdaptive ? $"it has no linear layer that makes logits" : $"{Quoted.Text(linear.Concat(matrices).Last())} is one more than is wanted, or it is not clear which is which");
        foreach (string part in (ReadOnlySpan<string>)["weight", "bias"])
        {
            if (linear.Length == 1 && others.TryGetValue($"{linear[0]}.{part}", out SafetensorsTensor? tensor))
                found.Add($"decoder.{part}", tensor);
        }
        if (matrices.Length == 1)
            found.Add("embedding.weight", others[matrices[0] + ".weight"]);

        // By the shape where the embedding is not as long as the hidden state, by its name where it is.
        bool IsEmbedding(SafetensorsTensor matrix, string name) =>
            Columns(found, "rnn.weight_ih_l0") != Columns(found, "rnn.weight_hh_l0") ? matrix.Shape.Count == 2 && matrix.Shape[1] == Columns(found, "rnn.weight_ih_l0") : EmbeddingNames.Contains(name.Split('.')[^1]);
    }

    private static long Columns(Dictionary<string, SafetensorsTensor> tensors, string name) =>
        tensors.TryGetValue(name, out SafetensorsTensor? tensor) && tensor.Shape.Count == 2 ? tensor.Shape[1] : -1;

    private static IEnumerable<string> Modules(Dictionary<string, SafetensorsTensor> tensors, string ending) =>
        tensors.Keys.Where(name => name.EndsWith(ending, StringComparison.Ordinal)).Select(Module);

    private static string Module(string name) => name[..Math.Max(0, name.LastIndexOf('.'))];

    private static UnusableFileException Unlike(Dictionary<string, SafetensorsTensor> given, string why)
    {
        IEnumerable<string> shown = given.Take(MostShown).Select(entry => $"{Quoted.Text(entry.Key)} [{string.Join(", ", entry.Value.Shape)}]");
        string more = given.Count > MostShown ? string.Create(CultureInfo.InvariantCulture, $" and {given.Count - MostShown} more") : "";
        return new UnusableFileException($"{why}; its tensors are {(given.Count == 0 ? "none" : string.Join(", ", shown))}{more}; {Wanted}");
    }

    [GeneratedRegex(@"^(?:weight|bias)_(?:ih|hh|hr)_l\d{1,4}(?:_reverse)?$")]
    private static partial Regex RecurrentName();
}

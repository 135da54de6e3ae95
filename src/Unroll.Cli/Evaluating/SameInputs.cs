// Ranks that share a text read all of it, each on its own machine. What is not the same there would make a result of nothing in particular.
using System.Security.Cryptography;
using Unroll.Ranks;

namespace Unroll.Cli.Evaluating;

/// <summary>Checks what ranks have read before they share work.</summary>
internal static class SameInputs
{
    /// <summary>Checks that all have the first rank's model and text.</summary>
    /// <param name="ranks">The ranks; null = one process, which has nothing to compare.</param>
    /// <param name="model">The model.</param>
    /// <param name="files">The text's files.</param>
    /// <exception cref="UnrollException">This rank has others.</exception>
    public static void Check(RankGroup? ranks, LanguageModel model, IReadOnlyList<string> files)
    {
        if (ranks is null)
            return;
        ranks.RequireSame(model.Fingerprint(), "has found another model than the first rank: the same must lie on every machine.");
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in files)
        {
            using FileStream content = File.OpenRead(file);
            all.AppendData(SHA256.HashData(content));
        }
        ranks.RequireSame(Convert.ToHexStringLower(all.GetHashAndReset()), "has found another text than the first rank: the same must lie on every machine.");
    }
}

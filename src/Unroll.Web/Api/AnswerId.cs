using System.Security.Cryptography;
using Unroll.Web.Models;

namespace Unroll.Web.Api;

/// <summary>What answers and models are known by.</summary>
internal static class AnswerId
{
    private const int Digits = 24, FingerprintDigits = 16;

    /// <summary>A name that no other answer has.</summary>
    public static string New(string kind) => $"{kind}-{RandomNumberGenerator.GetHexString(Digits, lowercase: true)}";

    /// <summary>What the same request with the same seed gives the same texts under: the beginning of the model's fingerprint.</summary>
    public static string Fingerprint(ServedModel model) => $"fp_{model.Fingerprint[..FingerprintDigits]}";
}

namespace Unroll.Web.Api;

/// <summary>Why a text ended, in the two words that all clients know.</summary>
internal static class FinishWords
{
    /// <summary>The word. A text that was cut because the server is stopping ends like one that has its length.</summary>
    public static string Of(FinishReason reason) => reason is FinishReason.StopText or FinishReason.DocumentEnd ? "stop" : "length";
}

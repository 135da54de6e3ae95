// How models are served. The command line carries this same record under these names.
using Unroll.Generation;

namespace Unroll.Web;

/// <summary>How models are served over HTTP. Every property has a default, and the defaults are safe: only programs on this machine are
/// answered.</summary>
public sealed record ServeOptions
{
    /// <summary>The address to listen at: <c>localhost</c> or one of this machine's; <c>0.0.0.0</c> or <c>::</c> = all of them. One that
    /// other machines can reach needs <see cref="ApiKey"/> or <see cref="Insecure"/>.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>The port to listen at; 0 = any that is free.</summary>
    public int Port { get; init; } = 7310;

    /// <summary>What every request must bring along (<c>Authorization: Bearer KEY</c>), but for <c>/health</c>; null = nothing.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Whether other machines may be answered without a key.</summary>
    public bool Insecure { get; init; }

    /// <summary>Names under which the server is called beside this machine's own and its address, such as a reverse proxy's. A
    /// request for another name is refused, so that no page of a foreign site can ask (DNS rebinding).</summary>
    public IReadOnlyList<string> Hosts { get; init => field = new TextList(value); } = TextList.Empty;

    /// <summary>The most texts under way at a time, of each model.</summary>
    public int Slots { get; init; } = 64;

    /// <summary>The most texts that wait for a slot, of each model; one more is refused.</summary>
    public int Queue { get; init; } = 256;

    /// <summary>Bytes of states that each model remembers after prompts, so that the next text with the same beginning starts from there.</summary>
    public long RememberedBytes { get; init; } = 64 << 20;

    /// <summary>Threads of each model; 0 = as many as the work is worth. No text depends on it.</summary>
    public int Threads { get; init; }

    /// <summary>The most bytes of a request's body.</summary>
    public long MaxBody { get; init; } = 4 << 20;

    /// <summary>The most tokens of a prompt.</summary>
    public int MaxPrompt { get; init; } = 1 << 18;

    /// <summary>The most tokens that a request may ask for, in all its texts together.</summary>
    public int MaxTokens { get; init; } = 1 << 18;

    /// <summary>The most texts that a request may ask for.</summary>
    public int MaxTexts { get; init; } = 128;

    /// <summary>The most requests of a client a minute; 0 = any number. A client is an address.</summary>
    public int Rate { get; init; }

    /// <summary>The folder in which sessions are kept, so that they are there again when the server is started the next time; null =
    /// they end with the server. One server at a time uses a folder.</summary>
    public string? Sessions { get; init; }

    /// <summary>How long a session is remembered that nobody uses.</summary>
    public TimeSpan SessionExpiry { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The most sessions, of all models together.</summary>
    public int MostSessions { get; init; } = 1024;

    /// <summary>How long texts under way may take to come to their end, when the server is stopped.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Checks that the options make sense.</summary>
    /// <exception cref="OptionsException">They do not.</exception>
    public void Validate()
    {
        OptionsException.Require(Port >= 0 && Port <= 65535, nameof(Port), $"must be from 0 to 65535, not {Port}.");
        OptionsException.Require(ApiKey is null || ApiKey.Length > 0 && ApiKey.All(letter => letter is > ' ' and <= '~'), nameof(ApiKey),
            $"must be of letters, digits and signs of ASCII, without spaces: it is sent as a header.");
        OptionsException.Require(Hosts.All(host => Uri.CheckHostName(host) != UriHostNameType.Unknown), nameof(Hosts), $"must be names such as models.example.org, without a port.");
        Batch.Validate();
        OptionsException.Require(MaxBody >= 1, nameof(MaxBody), $"must be at least 1, not {MaxBody}.");
        foreach ((string property, int value) in (ReadOnlySpan<(string, int)>)[(nameof(MaxPrompt), MaxPrompt), (nameof(MaxTokens), MaxTokens), (nameof(MaxTexts), MaxTexts)])
            OptionsException.Require(value >= 1, property, $"must be at least 1, not {value}.");
        OptionsException.Require(Rate >= 0, nameof(Rate), $"must be at least 0, not {Rate}.");
        OptionsException.Require(SessionExpiry >= TimeSpan.FromSeconds(1) && SessionExpiry <= TimeSpan.FromDays(3650), nameof(SessionExpiry), $"must be from a second to ten years, not {SessionExpiry}.");
        OptionsException.Require(MostSessions >= 0, nameof(MostSessions), $"must be at least 0, not {MostSessions}.");
        OptionsException.Require(Grace >= TimeSpan.Zero && Grace <= TimeSpan.FromDays(1), nameof(Grace), $"must be from nothing to a day, not {Grace}.");
    }

    /// <summary>What each model's generator may use.</summary>
    internal BatchOptions Batch => new() { Slots = Slots, Queue = Queue, RememberedBytes = RememberedBytes, Threads = Threads };
}

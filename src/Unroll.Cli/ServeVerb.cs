// `unroll serve`: models answer over HTTP. Nothing of the server is named where the verb is made, so no other verb loads it.
using System.CommandLine;
using Unroll.Cli.Arguments;
using Unroll.Cli.Output;
using Unroll.Web;

namespace Unroll.Cli;

internal sealed class ServeVerb : Verb
{
    /// <summary>The variable that may hold the key, where a command line would show it to everybody on the machine.</summary>
    private const string KeyVariable = "UNROLL_API_KEY";

    private const int MostInFolder = 20;

    private readonly Argument<string[]> models = new("PATH")
    {
        HelpName = "[PATH...]",
        Description = "model files that unroll train wrote, or a folder of models and logs, in which the pages start new runs; clients call each model by its file's name, without the extension; with none, the folder in which you are",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string> port = Taking("--port", "N", "the port to listen at; 0 = any that is free");
    private readonly Option<string> address = Taking(
        "--address", "ADDRESS", "the address to listen at; 0.0.0.0 = all of this machine's. One that other machines can reach needs a key, or --insecure");
    private readonly Option<string> apiKey = Taking("--api-key", "KEY", $"what clients must send as 'Authorization: Bearer KEY' [default: the environment variable {KeyVariable}; without, nothing]");
    private readonly Option<bool> insecure = Switch("--insecure", "answer other machines without a key");
    private readonly Option<string[]> hosts = new("--hosts")
    {
        HelpName = "NAME",
        Description = "a name under which clients call this server, beside localhost and its address, such as a reverse proxy's; may be given several times",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string> slots = Taking("--slots", "N", "the most texts under way at a time, of each model");
    private readonly Option<string> queue = Taking("--queue", "N", "the most texts that wait for a slot; one more is refused");
    private readonly Option<string> rememberedBytes = Taking("--remembered-bytes", "SIZE", "memory for states after prompts, of each model: a prompt that begins like an earlier one is not read again");
    private readonly Option<string> threads = ThreadsOption();
    private readonly Option<string> memory = MemoryOption();
    private readonly Option<string> maxBody = Taking("--max-body", "SIZE", "the largest request");
    private readonly Option<string> maxPrompt = Taking("--max-prompt", "N", "the most tokens of a prompt");
    private readonly Option<string> maxTokens = Taking("--max-tokens", "N", "the most tokens that a request may ask for, in all its texts");
    private readonly Option<string> maxTexts = Taking("--max-texts", "N", "the most texts that a request may ask for");
    private readonly Option<string> rate = Taking("--rate", "N", "the most requests of a client a minute; 0 = any number");
    private readonly Option<string> sessions = Taking("--sessions", "FOLDER", "where sessions are kept, so that they outlive the server [default: nowhere]");
    private readonly Option<string> sessionExpiry = Taking("--session-expiry", "TIME", "how long a session is remembered that nobody uses");
    private readonly Option<string> mostSessions = Taking("--most-sessions", "N", "the most sessions");
    private readonly Option<string> grace = Taking("--grace", "TIME", "how long texts may take to come to their end after Ctrl-C");

    public ServeVerb() : base("serve", "Answers programs over HTTP, in OpenAI's manner: many texts at a time, each the same as if it were alone.")
    {
        Arguments.Add(models);
        Group("Where", port, address, apiKey, insecure, hosts);
        Group("How much", slots, queue, rememberedBytes, threads, memory);
        Group("Limits", maxBody, maxPrompt, maxTokens, maxTexts, rate, grace);
        Group("Sessions", sessions, sessionExpiry, mostSessions);
        Remarks.Add("Only programs on this machine are answered, unless another address is given. Ctrl-C lets texts that are under way come to their end; a second one does not.");
        Examples.Add(("unroll serve model.safetensors", "and then the line with curl that it prints"));
        Examples.Add(("unroll serve shakespeare.safetensors names.safetensors --port 8080", "two models; a request names the one that it means"));
        Examples.Add(($"{KeyVariable}=secret unroll serve model.safetensors --address 0.0.0.0", "for other machines, by a key"));
    }

    public override void NameDefaults()
    {
        var usual = new ServeOptions();
        foreach ((Option option, object value) in (ReadOnlySpan<(Option, object)>)
        [
            (port, usual.Port), (address, usual.Address), (slots, usual.Slots), (queue, usual.Queue), (rememberedBytes, $"{usual.RememberedBytes / 1_000_000}MB"),
            (maxBody, $"{usual.MaxBody / 1_000_000}MB"), (maxPrompt, usual.MaxPrompt), (maxTokens, usual.MaxTokens), (maxTexts, usual.MaxTexts),
            (rate, usual.Rate), (grace, Value.Text(usual.Grace)), (sessionExpiry, Value.Text(usual.SessionExpiry)), (mostSessions, usual.MostSessions),
        ])
            option.Description += $" [default: {value}]";
    }

    public override int Run(ParseResult arguments, Session session)
    {
        string[] paths = arguments.GetValue(models) is { Length: > 0 } named ? named : ["."];
        string[] folders = [.. paths.Where(Directory.Exists)];
        if (folders.Length > 1)
            throw new UsageException($"Only one folder can be served, not {string.Join(" and ", folders)}.");
        ServeOptions options = Choices(arguments);
        string? runs = folders.Length == 1 ? Path.GetFullPath(folders[0]) : null;
        bool withMemory = arguments.GetValue(memory) is not string choice || Value.Switch(memory.Name, choice);
        Terminal terminal = session.Terminal;
        using IDisposable scope = session.Interruption.Gracefully();
        ServedModelFile[] files = [.. paths.SelectMany(path => Directory.Exists(path) ? ModelsIn(path, terminal) : [path]).Select(path => new ServedModelFile(path) { Memory = withMemory })];
        WebServer server = WebServer.StartAsync(
            options, files, failure => terminal.Warn($"a request has failed ({failure.GetType().Name}: {failure.Message.ReplaceLineEndings(" ")}). Please report it."),
            new ServedRuns { Folder = runs }, session.Interruption.Token).GetAwaiter().GetResult();
        Welcome(server, options, runs, terminal);
        session.Interruption.Token.WaitHandle.WaitOne();
        terminal.Note("Stopping: texts that are under way come to their end.");
        server.StopAsync().GetAwaiter().GetResult();
        return Interruption.ExitCode;
    }

    // The latest models of a folder. One that cannot be read is said, and left out: others can.
    private static IEnumerable<string> ModelsIn(string folder, Terminal terminal)
    {
        var read = new List<string>();
        foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*.safetensors").OrderByDescending(file => file.LastWriteTimeUtc))
        {
            if (read.Count == MostInFolder)
            {
                terminal.Note($"There are more models in {folder}; these are the latest {MostInFolder}. Name those that you want.");
                break;
            }
            try
            {
                Checkpoint.ReadMetadata(file.FullName);
                read.Add(file.FullName);
            }
            catch (UnrollException exception)
            {
                terminal.Warn(exception.Message);
            }
        }
        return read.Order(StringComparer.Ordinal);
    }

    private ServeOptions Choices(ParseResult arguments)
    {
        var usual = new ServeOptions();
        string? key = arguments.GetValue(apiKey) ?? Environment.GetEnvironmentVariable(KeyVariable);
        return usual with
        {
            Port = arguments.GetValue(port) is string number ? Value.Count(port.Name, number, 0, 65535) : usual.Port,
            Address = arguments.GetValue(address) ?? usual.Address,
            ApiKey = string.IsNullOrEmpty(key) && arguments.GetResult(apiKey) == null ? null : key,
            Insecure = arguments.GetValue(insecure),
            Hosts = arguments.GetValue(hosts) ?? usual.Hosts,
            Slots = Count(slots, usual.Slots, 1),
            Queue = Count(queue, usual.Queue, 0),
            RememberedBytes = arguments.GetValue(rememberedBytes) is string size ? Value.Bytes(rememberedBytes.Name, size) : usual.RememberedBytes,
            Threads = Threads(arguments, threads),
            MaxBody = arguments.GetValue(maxBody) is string largest ? Value.Bytes(maxBody.Name, largest) : usual.MaxBody,
            MaxPrompt = Count(maxPrompt, usual.MaxPrompt, 1),
            MaxTokens = Count(maxTokens, usual.MaxTokens, 1),
            MaxTexts = Count(maxTexts, usual.MaxTexts, 1),
            Rate = Count(rate, usual.Rate, 0),
            Sessions = arguments.GetValue(sessions),
            SessionExpiry = arguments.GetValue(sessionExpiry) is string idle ? Value.Time(sessionExpiry.Name, idle) : usual.SessionExpiry,
            MostSessions = Count(mostSessions, usual.MostSessions, 0),
            Grace = arguments.GetValue(grace) is string time ? Value.Time(grace.Name, time) : usual.Grace,
        };

        int Count(Option<string> option, int otherwise, int least) => arguments.GetValue(option) is string text ? Value.Count(option.Name, text, least) : otherwise;
    }

    private static void Welcome(WebServer server, ServeOptions options, string? runs, Terminal terminal)
    {
        string key = options.ApiKey is null ? "" : $" -H 'Authorization: Bearer KEY'";
        terminal.Out.WriteLine($"Listening at {server.Address}, with {(server.Models.Count > 0 ? string.Join(", ", server.Models) : "no model yet")}.");
        terminal.Out.WriteLine($"Open {server.Address} in a browser{(runs is null ? "" : $"; runs are kept in {Path.Combine(runs, "unroll-runs")}")}.");
        if (server.Models.Count > 0)
        {
            string model = server.Models.Count == 1 ? "" : $"\"model\": \"{server.Models[0]}\", ";
            terminal.Out.WriteLine($"Try: curl {server.Address}v1/completions -H 'Content-Type: application/json'{key} -d '{{{model}\"prompt\": \"The \", \"max_tokens\": 200}}'");
        }
        terminal.Out.Flush();
        terminal.Note("Ctrl-C stops it.");
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Unroll.Serving;

/// <summary>Clients of all kinds for a long time: what the server answers, and whether it keeps what it should give back.</summary>
internal sealed class Soak(ServerProcess server, Clients clients)
{
    private const int Workers = 24, Steady = 8;

    private readonly SortedDictionary<int, long> answers = [];
    private long vanished, broken;

    public static async Task RunAsync(TimeSpan duration)
    {
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using var clients = new Clients(server.Address);
        await new Soak(server, clients).Work(duration);
    }

    private async Task Work(TimeSpan duration)
    {
        using var stop = new CancellationTokenSource();
        clients.Read(Steady, 1);
        Task[] work = [.. Enumerable.Range(0, Workers).Select(worker => Task.Run(() => Ask((ulong)worker, stop.Token)))];
        Console.WriteLine("| minute | answers | of 4xx | of 5xx | vanished | tokens | memory, MB | open files | threads | sessions |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        long began = Stopwatch.GetTimestamp();
        var memory = new List<long>();
        for (int minute = 1; minute <= duration.TotalMinutes; minute++)
        {
            await Task.Delay(TimeSpan.FromMinutes(minute) - Stopwatch.GetElapsedTime(began));
            memory.Add(server.Memory);
            double tokens = await clients.TokensProducedAsync(), sessions = await clients.FigureAsync("unroll_sessions");
            lock (answers)
                Console.WriteLine($"| {minute} | {answers.Values.Sum():#,0} | {Count(4):#,0} | {Count(5)} | {vanished:#,0} | {tokens:#,0} | {memory[^1] / 1e6:0} | {server.Handles} | {server.Threads} | {sessions} |");
        }
        await stop.CancelAsync();
        await Task.WhenAll(work);
        await clients.RestAsync();
        await Task.Delay(2000);
        Console.WriteLine($"\nAt rest afterwards: {await clients.FigureAsync("unroll_requests_processing")} texts under way, {await clients.FigureAsync("unroll_requests_deferred")} waiting, {await clients.FigureAsync("unroll_sessions")} sessions, {server.Handles} files open. Answers: {string.Join(", ", answers.Select(answer => $"{answer.Value:#,0} × {answer.Key}"))}; connections that broke: {broken}.");
        int third = memory.Count / 3;
        if (third > 0)
            Console.WriteLine($"Memory, most of the second third and of the last: {memory.Skip(third).Take(third).Max() / 1e6:0} and {memory.TakeLast(third).Max() / 1e6:0} MB.");

        long Count(int hundred) => answers.Where(answer => answer.Key / 100 == hundred).Sum(answer => answer.Value);
    }

    private async Task Ask(ulong worker, CancellationToken stop)
    {
        var random = new RandomStream(worker, RandomPurpose.Sampling, 0);
        for (ulong turn = 0; !stop.IsCancellationRequested; turn++)
        {
            try
            {
                ulong at = 8 * turn;
                int length = 20 + random.Below(at, 400), kind = random.Below(at + 1, 10);
                await (kind switch
                {
                    0 or 1 => Stream(worker + 1000 * turn, length, int.MaxValue),
                    2 or 3 => Stream(worker + 1000 * turn, 1_000_000, random.Below(at + 2, 6)),
                    4 => Post("/v1/completions", $"{{\"max_tokens\": {length}, \"n\": 3, \"logprobs\": 2, \"stop\": \"#%\"}}"),
                    5 => Post("/v1/score", "{\"input\": [\"ABCDEFGHIJKLMNOP\", \"QRSTUVWXYZ\", \"\"], \"tokens\": true}"),
                    6 => Session($"w{worker}", length),
                    7 => Post("/v1/chat/completions", $"{{\"messages\": [{{\"role\": \"user\", \"content\": \"ABC\"}}], \"max_tokens\": {length}}}"),
                    8 => Get("/"),
                    _ => Post("/v1/completions", Garbage(random, at + 3)),
                });
                await Task.Delay(random.Below(at + 4, 50), stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                Interlocked.Increment(ref broken);
            }
        }
    }

    private async Task Stream(ulong seed, int length, int events)
    {
        using HttpResponseMessage response = await clients.AskAsync(seed, 100, length, 1);
        Count(response.StatusCode);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.Length > 0 && --events < 0)
            {
                Interlocked.Increment(ref vanished);
                return; // the connection closes in the middle
            }
        }
    }

    private async Task Session(string name, int length)
    {
        await Post("/v1/sessions", $"{{\"id\": \"{name}\"}}");
        await Post($"/v1/sessions/{name}/feed", "{\"text\": \"ABCDEF\"}");
        await Post($"/v1/sessions/{name}/fork", $"{{\"id\": \"{name}-b\"}}");
        await Post($"/v1/sessions/{name}/generate", $"{{\"max_tokens\": {length}}}");
        await Post($"/v1/sessions/{name}-b/generate", $"{{\"max_tokens\": {length}, \"seed\": 3}}");
        foreach (string id in (string[])[name, name + "-b"])
        {
            using HttpResponseMessage gone = await clients.Http.DeleteAsync(new Uri($"/v1/sessions/{id}", UriKind.Relative));
            Count(gone.StatusCode);
        }
    }

    // A request that is well made but for one field, or no JSON at all.
    private static string Garbage(RandomStream random, ulong at)
    {
        string[] values = ["null", "-1", "1e400", "\"\\ud800\"", "[[[]]]", "{}", "true", "99999999999999999999"];
        string[] names = ["prompt", "max_tokens", "temperature", "stop", "seed", "logit_bias", "stream", "x"];
        var body = new StringBuilder($"{{\"{names[random.Below(at, names.Length)]}\": {values[random.Below(at + 1, values.Length)]}}}");
        if (random.Below(at + 2, 4) == 0)
            body.Length -= 1;
        return body.ToString();
    }

    private async Task Post(string path, string json)
    {
        using HttpRequestMessage request = Clients.Post(path, json);
        using HttpResponseMessage response = await clients.Http.SendAsync(request);
        Count(response.StatusCode);
        await response.Content.ReadAsByteArrayAsync();
    }

    private async Task Get(string path)
    {
        using HttpResponseMessage response = await clients.Http.GetAsync(new Uri(path, UriKind.Relative));
        Count(response.StatusCode);
        await response.Content.ReadAsByteArrayAsync();
    }

    private void Count(HttpStatusCode status)
    {
        lock (answers)
            answers[(int)status] = answers.GetValueOrDefault((int)status) + 1;
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Unroll.Serving;

/// <summary>Clients that vanish, a queue that is full, a server that stops in the middle: what the server makes of it.</summary>
internal static class Chaos
{
    private const int Vanishing = 500, Slots = 64, Queue = 256;

    public static async Task RunAsync()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(Slots, Queue);
        await using var clients = new Clients(server.Address);
        await Vanish(server, clients); // once to warm up: what the first requests load stays
        int handles = server.Handles;
        await Vanish(server, clients);
        Console.WriteLine($"{Vanishing} clients gone in the middle of their texts, twice: {await clients.FigureAsync("unroll_requests_processing")} texts under way and {await clients.FigureAsync("unroll_requests_deferred")} waiting afterwards, {server.Handles - handles:+0;-0;0} files open more than after the first time.");
        await FillQueue(clients);
        await StopUnderLoad(server, clients);
    }

    // Sockets that are reset after a part of the answer, as when a program is killed; all together more than slots and queue hold.
    private static async Task Vanish(ServerProcess server, Clients clients)
    {
        const string Body = "{\"max_tokens\": 1000000, \"stream\": true}";
        byte[] request = Encoding.ASCII.GetBytes($"POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
        await Task.WhenAll(Enumerable.Range(0, Vanishing).Select(async i =>
        {
            await Task.Delay(i);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
            await socket.ConnectAsync(server.Address.Host, server.Address.Port);
            await socket.SendAsync(request);
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(20 + i % 300));
            byte[] piece = new byte[512];
            try
            {
                for (int pieces = i % 20; pieces > 0 && await socket.ReceiveAsync(piece, patience.Token) > 0; pieces--)
                {
                }
            }
            catch (OperationCanceledException)
            {
                // It waits for a slot, and is killed there.
            }
        }));
        await Calm(clients);
    }

    // Until nobody writes or waits, or five seconds.
    private static async Task Calm(Clients clients)
    {
        for (int tries = 0; tries < 100 && await clients.FigureAsync("unroll_requests_processing") + await clients.FigureAsync("unroll_requests_deferred") > 0; tries++)
            await Task.Delay(50);
    }

    private static async Task FillQueue(Clients clients)
    {
        const int All = Slots + Queue + 180;
        using var stop = new CancellationTokenSource();
        Task<HttpResponseMessage?>[] asked = [.. Enumerable.Range(0, All).Select(async i =>
        {
            try
            {
                return (HttpResponseMessage?)await clients.AskAsync((ulong)i, 20, int.MaxValue, 1, stop.Token);
            }
            catch (OperationCanceledException)
            {
                return null; // still in the queue when all was called off
            }
        })];
        await Task.Delay(3000);
        double waiting = await clients.FigureAsync("unroll_requests_deferred");
        await stop.CancelAsync();
        HttpResponseMessage?[] answers = await Task.WhenAll(asked);
        HttpResponseMessage[] refused = [.. answers.OfType<HttpResponseMessage>().Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests)];
        int streams = answers.Count(answer => answer?.StatusCode == HttpStatusCode.OK);
        Console.WriteLine($"{All} clients at {Slots} slots and a queue of {Queue}: {streams} were let in, {waiting} of them to wait, {refused.Length} were told 429, {refused.Count(answer => answer.Headers.RetryAfter is not null)} of them with Retry-After; {answers.Count(answer => (int?)answer?.StatusCode >= 500)} answers of 5xx.");
        foreach (HttpResponseMessage? answer in answers)
            answer?.Dispose();
        await Calm(clients);
    }

    private static async Task StopUnderLoad(ServerProcess server, Clients clients)
    {
        string[] ends = new string[Slots];
        Task[] reading = [.. Enumerable.Range(0, Slots).Select(async i =>
        {
            using HttpResponseMessage response = await clients.AskAsync((ulong)i, 20, int.MaxValue, 1);
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
            while (await lines.ReadLineAsync() is { } line)
                if (line.Length > 0)
                    ends[i] = line;
        })];
        await Task.Delay(1000);
        long began = Stopwatch.GetTimestamp();
        int code = await server.StopAsync();
        await Task.WhenAll(reading);
        Console.WriteLine($"Stopped under {Slots} endless streams with a grace of 2 s: gone after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s with code {code}; {ends.Count(line => line == "data: [DONE]")} of {Slots} streams ended with their [DONE].");
    }
}

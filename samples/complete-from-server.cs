// Completes a line as one types, asking a server: each key cancels the request of the key before, and the server remembers what it has
// read, so a key costs one step there too. It needs nothing but HTTP.
//
//   unroll serve my.safetensors
//   dotnet run samples/complete-from-server.cs                                    Tab takes the completion, Esc ends
//   dotnet run samples/complete-from-server.cs -- http://127.0.0.1:7310 --demo    types by itself
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

bool demo = args.Contains("--demo") || Console.IsInputRedirected;
using var client = new HttpClient { BaseAddress = new Uri(args.FirstOrDefault(arg => arg != "--demo") ?? "http://127.0.0.1:7310") };
if (Environment.GetEnvironmentVariable("UNROLL_API_KEY") is { Length: > 0 } key)
    client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

if (demo)
{
    string typed = "";
    foreach (char letter in "the time tra")
        Console.WriteLine($"{typed += letter}·{await CompleteAsync(typed, CancellationToken.None)}");
    return;
}

(string line, string completion) = ("", "");
var last = new CancellationTokenSource();
for (_ = ShowAsync(); await Task.Run(() => Console.ReadKey(intercept: true)) is { Key: not (ConsoleKey.Escape or ConsoleKey.Enter) } pressed; _ = ShowAsync())
{
    await last.CancelAsync(); // nobody wants that answer any more: the server stops within two steps
    last = new CancellationTokenSource();
    line = pressed.Key == ConsoleKey.Backspace ? line[..Math.Max(0, line.Length - 1)]
        : pressed.Key == ConsoleKey.Tab ? line + completion
        : char.IsControl(pressed.KeyChar) ? line : line + pressed.KeyChar;
    completion = "";
}
Console.WriteLine();

async Task ShowAsync()
{
    Console.Write($"\r\e[K{line}");
    CancellationToken mine = last.Token;
    try
    {
        string found = line.Length == 0 ? "" : await CompleteAsync(line, mine);
        if (mine.IsCancellationRequested)
            return;
        completion = found;
        Console.Write($"\r\e[K{line}\e[s\e[90m{completion}\e[0m\e[u");
    }
    catch (OperationCanceledException)
    {
        // The next key has asked already.
    }
}

// The likeliest continuation, as long as the model is fairly sure.
async Task<string> CompleteAsync(string prompt, CancellationToken cancellationToken)
{
    var request = new JsonObject { ["prompt"] = prompt, ["max_tokens"] = 30, ["temperature"] = 0, ["logprobs"] = 0, ["stop"] = "\n" };
    using var content = new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json");
    using HttpResponseMessage response = await client.PostAsync("v1/completions", content, cancellationToken);
    using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
    if (!response.IsSuccessStatusCode)
        return $"  ({answer.RootElement.GetProperty("error").GetProperty("message").GetString()})";
    JsonElement logprobs = answer.RootElement.GetProperty("choices")[0].GetProperty("logprobs");
    return string.Concat(logprobs.GetProperty("tokens").EnumerateArray().Zip(logprobs.GetProperty("token_logprobs").EnumerateArray())
        .TakeWhile(pair => Math.Exp(pair.Second.GetDouble()) > 0.3).Select(pair => pair.First.GetString()));
}

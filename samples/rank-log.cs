// Ranks the lines of a log by how odd a served model finds them, through /v1/score. Train the model on the log of ordinary days.
//
//   unroll train normal.log --out log.safetensors
//   unroll serve log.safetensors
//   dotnet run samples/rank-log.cs -- today.log
//   tail -n 1000 today.log | dotnet run samples/rank-log.cs -- - http://127.0.0.1:7310
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

const int Together = 200, Shown = 10;

if (args.Length == 0)
{
    Console.Error.WriteLine("Name a log, or - for the standard input; then, if it is not http://127.0.0.1:7310, the server.");
    return 2;
}
using var client = new HttpClient { BaseAddress = new Uri(args.Length > 1 ? args[1] : "http://127.0.0.1:7310") };
if (Environment.GetEnvironmentVariable("UNROLL_API_KEY") is { Length: > 0 } key)
    client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

string[] lines = [.. args[0] == "-" ? Console.In.ReadToEnd().TrimEnd('\n').Split('\n') : File.ReadLines(args[0])];
var odd = new List<(double Oddness, double Bits, int Number)>();
for (int first = 0; first < lines.Length; first += Together)
{
    string[] some = lines[first..Math.Min(first + Together, lines.Length)];
    using JsonDocument answer = JsonDocument.Parse(await AskAsync(new JsonObject { ["input"] = new JsonArray([.. some.Select(line => JsonValue.Create(line))]) }));
    foreach (JsonElement score in answer.RootElement.GetProperty("data").EnumerateArray())
        odd.Add((score.GetProperty("oddness").GetDouble(), score.GetProperty("bits").GetDouble(), first + score.GetProperty("index").GetInt32()));
}
Console.WriteLine("oddness   bits  line");
foreach ((double oddness, double bits, int number) in odd.OrderByDescending(line => line.Oddness).Take(Shown))
    Console.WriteLine($"{oddness,7:F1} {bits,6:F0}  {number + 1}: {lines[number]}");
return 0;

// A busy server says after how many seconds to come again.
async Task<string> AskAsync(JsonObject request)
{
    while (true)
    {
        using var content = new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await client.PostAsync("v1/score", content);
        string answer = await response.Content.ReadAsStringAsync();
        if (response.IsSuccessStatusCode)
            return answer;
        if (response.Headers.RetryAfter?.Delta is not { } wait)
            throw new HttpRequestException(answer);
        await Task.Delay(wait);
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Unroll.Tests.Cli;

/// <summary>The verb <c>serve</c>, run as a person runs it.</summary>
public class ServeTests(TrainedModel trained)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_says_where_it_listens_answers_there_and_ends_politely()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        // Nothing in the surroundings changes what it does.
        var odd = new Dictionary<string, string> { ["ASPNETCORE_URLS"] = "http://127.0.0.1:1", ["ASPNETCORE_ENVIRONMENT"] = "Development", ["URLS"] = "http://127.0.0.1:2", ["UNROLL_API_KEY"] = "sesame" };
        using UnrollProcess process = UnrollProcess.Start(trained.Folder, "dotnet", [UnrollProcess.Program, "serve", trained.Path, "--port", "0", "--threads", "1", "--grace", "1s"], odd);
        Match listening = Regex.Match((await process.Out.ReadLineAsync(Stop))!, @"^Listening at (http://127\.0\.0\.1:\d+/), with model\.$");
        Assert.True(listening.Success);
        Assert.Equal($"Open {listening.Groups[1].Value} in a browser.", await process.Out.ReadLineAsync(Stop));
        string curl = (await process.Out.ReadLineAsync(Stop))!;
        Assert.Equal($"Try: curl {listening.Groups[1].Value}v1/completions -H 'Content-Type: application/json' -H 'Authorization: Bearer KEY' -d '{{\"prompt\": \"The \", \"max_tokens\": 200}}'", curl);

        using var client = new HttpClient { BaseAddress = new Uri(listening.Groups[1].Value) };
        client.DefaultRequestHeaders.Add("Authorization", "Bearer sesame");
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent("{\"prompt\": \"the \", \"max_tokens\": 200000, \"stream\": true, \"logprobs\": 5}", Encoding.UTF8, "application/json") };
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        Assert.StartsWith("data: {\"id\":\"cmpl-", await reader.ReadLineAsync(Stop));
        process.Signal(UnrollProcess.Interrupt);
        Assert.EndsWith("data: [DONE]\n\n", await reader.ReadToEndAsync(Stop));
        UnrollOutput output = process.Finish();
        Assert.Equal((130, "Ctrl-C stops it.\nStopping: texts that are under way come to their end.\n"), (output.ExitCode, output.Error));
    }

    [Fact]
    public async Task Without_a_word_it_serves_the_folder_and_leaves_out_what_is_no_model()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using var folder = new TemporaryFolder();
        File.Copy(trained.Path, folder["one.safetensors"]);
        folder.Write("broken.safetensors", "no model");
        using UnrollProcess process = UnrollProcess.Start(folder.Path, "serve", "--port", "0", "--threads", "1");
        Match listening = Regex.Match((await process.Out.ReadLineAsync(Stop))!, @"^Listening at (http://127\.0\.0\.1:\d+/), with one\.$");
        Assert.True(listening.Success);
        Assert.Equal($"Open {listening.Groups[1].Value} in a browser; runs are kept in {folder["unroll-runs"]}.", await process.Out.ReadLineAsync(Stop));
        using var client = new HttpClient { BaseAddress = new Uri(listening.Groups[1].Value) };
        Assert.Contains("blazor.web.js", await client.GetStringAsync("/", Stop));
        process.Signal(UnrollProcess.Interrupt);
        UnrollOutput output = process.Finish();
        Assert.Equal(130, output.ExitCode);
        Assert.Contains("broken.safetensors", output.Error);
        Assert.Equal(["broken.safetensors", "one.safetensors"], folder.Files);
    }

    [Fact]
    public async Task A_run_is_watched_while_it_lasts()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using var folder = new TemporaryFolder();
        using UnrollProcess process = UnrollProcess.Start(folder.Path, ["train", "--hidden", "8", "--watch", .. EndlessRun.Length]);
        process.WaitForError("/runs");
        using var client = new HttpClient { BaseAddress = new Uri(Regex.Match(process.ErrorSoFar(), "watch it at (http[^ \\n]*/)").Groups[1].Value) };
        Assert.Contains("blazor.web.js", await client.GetStringAsync("/runs", Stop));
        process.WaitFor("a log", () => File.Exists(folder["model.jsonl"]));
        process.Signal(UnrollProcess.Interrupt);
        Assert.Equal(130, process.Finish().ExitCode);
    }

    [Fact]
    public async Task What_a_session_has_answered_survives_a_kill()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent as Unix sends them.");
        using var folder = new TemporaryFolder();
        using var alone = new TextGenerator(LanguageModel.Load(trained.Path), threads: 1);
        string expected = alone.Generate("the ", 40), text = "the ";
        for (int i = 0; i < 2; i++)
        {
            using UnrollProcess process = UnrollProcess.Start(trained.Folder, "serve", trained.Path, "--port", "0", "--threads", "1", "--sessions", folder["kept"], "--session-expiry", "1d", "--most-sessions", "1");
            string address = Regex.Match((await process.Out.ReadLineAsync(Stop))!, "http://[^,]+").Value;
            using var client = new HttpClient { BaseAddress = new Uri(address) };
            if (i == 0)
            {
                await PostAsync(client, "v1/sessions", "{\"id\": \"s\"}");
                await PostAsync(client, "v1/sessions/s/feed", "{\"text\": \"the \"}");
            }
            using JsonDocument answer = JsonDocument.Parse(await PostAsync(client, "v1/sessions/s/generate", "{\"max_tokens\": 20, \"temperature\": 0}"));
            text += answer.RootElement.GetProperty("choices")[0].GetProperty("text").GetString();
            process.Signal(UnrollProcess.Kill);
            process.Finish();
        }
        Assert.Equal(expected, text);

        static async Task<string> PostAsync(HttpClient client, string path, string json)
        {
            using HttpResponseMessage response = await client.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"), Stop);
            string answer = await response.Content.ReadAsStringAsync(Stop);
            Assert.True(response.IsSuccessStatusCode, answer);
            return answer;
        }
    }

    [Fact]
    public void What_cannot_be_served_is_one_sentence()
    {
        Refused(2, "Only one folder can be served", ".", "..");
        Refused(2, "--port takes a whole number from 0 to 65535, not 'x'.", trained.Path, "--port", "x");
        Refused(2, "--memory takes on or off", trained.Path, "--memory", "maybe");
        Refused(1, "--address 0.0.0.0 can be reached by other machines: give --api-key, or --insecure if anybody may ask.", trained.Path, "--address", "0.0.0.0");
        Refused(1, "--api-key must be of letters", trained.Path, "--api-key", "a b");
        Refused(1, "cannot be used for sessions", trained.Path, "--port", "0", "--sessions", trained.Path);
        Refused(1, "--session-expiry must be from a second", trained.Path, "--port", "0", "--session-expiry", "0.5s");
        Refused(2, "--most-sessions takes a whole number", trained.Path, "--most-sessions", "-1");
        Refused(1, "missing.safetensors", "missing.safetensors", "--port", "0");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        string port = $"{((IPEndPoint)taken.LocalEndpoint).Port}";
        Refused(1, $"--port {port} is taken by another program: stop it, or choose another port.", trained.Path, "--port", port);

        void Refused(int code, string message, params string[] words)
        {
            UnrollOutput output = UnrollProcess.Run(trained.Folder, ["serve", .. words]);
            Assert.Equal((code, ""), (output.ExitCode, output.Out));
            Assert.Contains(message, output.Error);
            Assert.Single(output.Error.TrimEnd().Split('\n'));
        }
    }
}

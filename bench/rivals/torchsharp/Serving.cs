// A server as one would write it over libtorch: one step of all rows at a time, rows that come and go between steps, events like those of
// Unroll's server. It knows what bench/serving asks and nothing else: an LSTM of 512 units, V 65, prompts of ids, streams that do not end.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TorchSharp;
using static TorchSharp.torch;
using Layers = TorchSharp.Modules;

namespace Unroll.Cli.Measuring;

/// <summary>The server: <c>serve</c>. It says its address, and stops when its input ends.</summary>
internal sealed class Serving : IDisposable
{
    private const int Hidden = 512, Vocabulary = 65, Rows = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    private readonly Layers.LSTM layer = nn.LSTM(Vocabulary, Hidden);
    private readonly Layers.Linear decoder = nn.Linear(Hidden, Vocabulary);
    private readonly Channel<Row> joining = Channel.CreateUnbounded<Row>();
    private long produced;

    public static async Task<int> RunAsync()
    {
        set_num_threads(Environment.ProcessorCount);
        using var serving = new Serving();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using WebApplication application = builder.Build();
        application.MapPost("/v1/completions", serving.Answer);
        application.MapGet("/metrics", () => string.Create(CultureInfo.InvariantCulture, $"unroll_tokens_predicted_total {Interlocked.Read(ref serving.produced)}\n"));
        await application.StartAsync();
        new Thread(serving.Step) { IsBackground = true }.Start();
        Console.WriteLine(application.Urls.Single());
        await Console.In.ReadToEndAsync();
        await application.StopAsync(new CancellationToken(canceled: true));
        return 0;
    }

    public void Dispose()
    {
        layer.Dispose();
        decoder.Dispose();
    }

    private async Task Answer(HttpContext context)
    {
        using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body);
        var row = new Row([.. body.RootElement.GetProperty("prompt").EnumerateArray().Select(id => id.GetInt64())], context.RequestAborted);
        joining.Writer.TryWrite(row);
        context.Response.ContentType = "text/event-stream";
        var text = new StringBuilder();
        try
        {
            while (await row.Tokens.Reader.WaitToReadAsync(context.RequestAborted))
            {
                while (row.Tokens.Reader.TryRead(out long id))
                    text.Append((char)('!' + id));
                string json = JsonSerializer.Serialize(new { id = "cmpl-0", @object = "text_completion", choices = new[] { new { text = text.ToString(), index = 0, finish_reason = (string?)null } } });
                text.Clear();
                await context.Response.WriteAsync($"data: {json}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(Pause, context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The client has left.
        }
    }

    // One thread steps: the rows that there are, one token each.
    private void Step()
    {
        using var mode = inference_mode();
        var rows = new List<Row>();
        Tensor hidden = zeros(1, Rows, Hidden), cell = zeros(1, Rows, Hidden), ids = zeros(Rows, int64);
        long[] last = new long[Rows];
        while (true)
        {
            for (int i = rows.Count - 1; i >= 0; i--)
            {
                if (!rows[i].Left.IsCancellationRequested)
                    continue;
                Move(hidden, cell, rows.Count - 1, i);
                (rows[i], last[i]) = (rows[^1], last[rows.Count - 1]);
                rows.RemoveAt(rows.Count - 1);
            }
            if (rows.Count == 0 && !joining.Reader.WaitToReadAsync().AsTask().Result)
                return;
            while (rows.Count < Rows && joining.Reader.TryRead(out Row? row))
            {
                last[rows.Count] = Read(row.Prompt, hidden, cell, rows.Count);
                rows.Add(row);
            }
            using DisposeScope scope = NewDisposeScope();
            int count = rows.Count;
            Tensor input = nn.functional.one_hot(tensor(last.AsSpan(0, count).ToArray()), Vocabulary).to(float32).unsqueeze(0);
            (Tensor output, Tensor hiddenAfter, Tensor cellAfter) = layer.call(input, (hidden.narrow(1, 0, count).contiguous(), cell.narrow(1, 0, count).contiguous()));
            hidden.narrow(1, 0, count).copy_(hiddenAfter);
            cell.narrow(1, 0, count).copy_(cellAfter);
            Tensor chosen = multinomial(nn.functional.softmax(decoder.call(output[0]), -1), 1);
            chosen.data<long>().CopyTo(last.AsSpan(0, count));
            for (int i = 0; i < count; i++)
                rows[i].Tokens.Writer.TryWrite(last[i]);
            Interlocked.Add(ref produced, count);
        }
    }

    // A prompt in one call; its state becomes a row's.
    private long Read(long[] prompt, Tensor hidden, Tensor cell, int row)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = nn.functional.one_hot(tensor(prompt[..^1]), Vocabulary).to(float32).unsqueeze(1);
        (_, Tensor hiddenAfter, Tensor cellAfter) = layer.call(input, (zeros(1, 1, Hidden), zeros(1, 1, Hidden)));
        hidden.narrow(1, row, 1).copy_(hiddenAfter);
        cell.narrow(1, row, 1).copy_(cellAfter);
        return prompt[^1];
    }

    private static void Move(Tensor hidden, Tensor cell, int from, int to)
    {
        if (from == to)
            return;
        using DisposeScope scope = NewDisposeScope();
        foreach (Tensor state in (Tensor[])[hidden, cell])
            state.narrow(1, to, 1).copy_(state.narrow(1, from, 1));
    }

    private sealed record Row(long[] Prompt, CancellationToken Left)
    {
        public Channel<long> Tokens { get; } = Channel.CreateUnbounded<long>();
    }
}

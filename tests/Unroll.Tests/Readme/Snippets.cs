// What the documents show in C#, once more, so that the compiler reads it. Nothing here is run; ReadmeTests compares
// the documents with it, so what is changed there must be changed here.
#pragma warning disable IDE0059, CS8321
using System.ClientModel;
using OpenAI;
using OpenAI.Chat;
using Unroll.Mpi;
using Unroll.Onnx;
using Unroll.Training;
using Unroll.Web;

namespace Unroll.Tests.Readme;

internal static class Snippets
{
    public static void Readme()
    {
        var corpus = Corpus.Load(TextSource.Story, new TextOptions { Clean = Cleaning.Textbook });
        var model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = CellKind.Gru, HiddenSize = 256 });
        var result = new Trainer(model, corpus, new TrainingOptions { Epochs = 60, LearningRate = 0.01 }).Run();
        model.Save("hello.safetensors");

        using var generator = new TextGenerator(LanguageModel.Load("hello.safetensors"));
        Console.WriteLine($"training perplexity {Math.Exp(result.Summary.TrainingLoss):F2} after {result.Summary.Updates} updates");
        Console.WriteLine(generator.Generate("the time traveller", length: 50));
    }

    public static void Continuing()
    {
        var start = LanguageModel.Load("big.safetensors");
        using var corpus = Corpus.Load(
            TextSource.FromPaths(["mytext.txt"]), options: new CorpusOptions { Validation = 0.1, HeldBack = 0.01, NewTokens = true }, vocabulary: start.Vocabulary);
        LanguageModel model = LanguageModel.From(start, corpus);
        TrainingResult result = new Trainer(model, corpus, Presets.From(model, corpus).Training).Run();
        Console.WriteLine($"{result.Summary.ValidationLoss:F3} nats; went on from {result.Summary.From}");
        model.Save("mine.safetensors");
    }

    public static void Export()
    {
        var page = WebPage.Of(LanguageModel.Load("model.safetensors"), name: "my model", new WebPageOptions { Bits = 8 });
        page.Save("model.html");
        double loss = Evaluator.Evaluate(page.Model, TextSource.FromPaths(["another-book.txt"])).Loss;
        OnnxFile.Write(LanguageModel.Load("model.safetensors"), "model.onnx");
    }

    public static void Compressing()
    {
        using var compressor = new TextCompressor(LanguageModel.Load("log.safetensors"));
        byte[] small = compressor.Compress("GET /index.html HTTP/1.1\n"u8);
        byte[] line = compressor.Expand(small);
        Console.WriteLine($"{line.Length} bytes, {small.Length} of them compressed");
    }

    public static void ManyMachines()
    {
        using MpiRanks? ranks = MpiRanks.Join();
        using var corpus = Corpus.Load(TextSource.FromPaths(["book.txt"]));
        var model = LanguageModel.Create(corpus, new ModelOptions { Cell = CellKind.Lstm, HiddenSize = 512 });
        var options = new TrainingOptions { Batch = 128, Shards = 8 };
        TrainingResult result = new Trainer(model, corpus, options, new RunOptions { Out = "model.safetensors", Ranks = ranks }).Run();
        if (ranks is null or { Rank: 0 })
            Console.WriteLine($"{result.Summary.Updates} updates");
    }

    public static void Import()
    {
        ImportedModel imported = ImportedModel.Read("lstm.safetensors", new ImportOptions { Vocabulary = "vocab.json" });
        imported.Model.Save("mymodel.safetensors");
    }

    public static void Documents()
    {
        string[] names = ["Anna", "Bertha", "Clara", "Dora", "Emma", "Frida"];
        using var corpus = Corpus.Load(TextSource.FromString(string.Join('\n', names)), new TextOptions { Documents = DocumentKind.Line });
        var model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = CellKind.Gru, HiddenSize = 32 });
        new Trainer(model, corpus, new TrainingOptions { Epochs = 20, Batch = 2, SequenceLength = 4, LearningRate = 0.01 }).Run();

        using var generator = new TextGenerator(model);
        Console.WriteLine(generator.Generate("", new GenerationOptions { Temperature = 0.8, Length = 20 }).Text);
        Console.WriteLine($"a document ends with token {model.Vocabulary.EndId}, {Vocabulary.EndToken}");
    }

    public static void GettingStarted()
    {
        using var generator = new TextGenerator(LanguageModel.Load("mymodel.safetensors"));
        foreach (string piece in generator.Stream("Once upon a time", new GenerationOptions { Length = 300, Temperature = 0.8 }))
            Console.Write(piece);
    }

    public static void Generating()
    {
        LanguageModel model = LanguageModel.Load("shakespeare.safetensors");
        using var generator = new TextGenerator(model);
        var sentence = new GenerationOptions { Beam = 8, RepetitionPenalty = 2, StopSequences = ["."] };
        foreach (GeneratedText text in generator.Search("My lord, ", sentence).Take(3))
            Console.WriteLine($"{text.Score:F4} {text}");

        var lively = new GenerationOptions { Length = 400, Temperature = 1.2, MinP = 0.1, AllowedCharacters = "A-Za-z \n',.:;!?-" };
        string drawn = generator.Generate("My lord, ", lively).Text;
        CopyReport report = CopyReport.Of([drawn], model)[0];
        Console.WriteLine($"longest passage that stands in the training text: {report.Longest}");
    }

    public static async Task ManyTexts(CancellationToken cancellationToken)
    {
        LanguageModel model = LanguageModel.Load("shakespeare.safetensors");
        using var generator = new BatchGenerator(model, new BatchOptions { Slots = 64, Queue = 256 });
        var request = new GenerationRequest
        {
            Prefix = "My lord, ",
            Options = new GenerationOptions { Length = 400, Temperature = 0.8, StopSequences = ["\n\n"] },
            OmitStopText = true,
            Alternatives = 3,
            ReturnState = true,
        };
        using GenerationStream stream = generator.Start(request, cancellationToken);
        await foreach (GeneratedToken token in stream.Tokens.ReadAllAsync(cancellationToken))
            Console.Write(token.Text);

        GenerationOutcome outcome = await stream.Outcome;
        Console.WriteLine($"{outcome.Reason}: {outcome.Tokens} tokens after {outcome.PrefixTokens}, of which {outcome.CachedTokens} were remembered");
        using GenerationStream reply = generator.Start(new GenerationRequest { Start = outcome.State, Prefix = "\nHAMLET:\n" }, cancellationToken);
    }

    public static Task FromAServer()
    {
        return Respond(LanguageModel.Load("mymodel.safetensors"), "", Console.Out, CancellationToken.None);

        static async Task Respond(LanguageModel model, string prefix, TextWriter response, CancellationToken aborted)
        {
            using var generator = new TextGenerator(model, threads: 1);
            var options = new GenerationOptions { Length = 500, Temperature = 0.8, StopSequences = ["\n\n"] };
            await foreach (string piece in generator.StreamAsync(prefix, options, aborted))
                await response.WriteAsync(piece.AsMemory(), aborted);
        }
    }

    public static void Score(LanguageModel model)
    {
        using var scorer = new TextScorer(model);
        IReadOnlyList<TextScore> scores = scorer.Score(File.ReadAllLines("today.log"));
        Console.WriteLine($"the oddest line has {scores.Max(score => score.BitsPerCharacter):F2} bits per character");
    }

    public static void State(LanguageModel model)
    {
        using var predictor = new TextPredictor(model);
        predictor.Feed("It was a dark and stormy ");
        foreach (TokenPrediction token in predictor.MostLikely(3))
            Console.WriteLine($"{token.Text} {token.Probability:P1}");

        RecurrentState here = predictor.GetState();
        here.Save("here.state");
        double nats = predictor.Score("night").Sum(token => (double)token.Loss);
        predictor.SetState(RecurrentState.Load("here.state", model.Options)); // as if nothing had come after it
    }

    public static async Task Serving()
    {
        await using WebServer server = await WebServer.StartAsync(new ServeOptions { Port = 0 }, [new ServedModelFile("shakespeare.safetensors")]);
        Console.WriteLine($"{string.Join(", ", server.Models)} at {server.Address}");
    }

    public static void Inside()
    {
        LanguageModel model = LanguageModel.Load("model.safetensors");
        using var reader = new UnitReader(model);
        UnitTrace trace = reader.Read(File.ReadAllText("page.txt"));
        foreach (UnitMatch match in UnitFinder.Find(trace, cells: trace.HasCell).Take(10))
            Console.WriteLine($"layer {match.Layer} unit {match.Unit} follows {match.Feature}: {match.Correlation:F2}");
        foreach (GateShare gate in trace.Gates)
            Console.WriteLine($"layer {gate.Layer} {gate.Gate}: open {gate.Open:P0}, closed {gate.Closed:P0}");

        float[] overTheText = trace.Activations(layer: 0, unit: 7);
        var selection = new UnitSelection(trace, from: 20, to: 28);
        foreach (StretchMatch place in selection.FindAlike())
            Console.WriteLine($"{place.UnitsOn} of {selection.Units.Count} units are on from token {place.From} to {place.To}, too");
        IReadOnlyList<float> influence = reader.Influence(trace, token: 100); // of each token before it, the nearest last
    }

    public static async Task ServingClients()
    {
        var client = new OpenAIClient(new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri("http://127.0.0.1:7310/v1") });
        ChatCompletion answer = await client.GetChatClient("shakespeare").CompleteChatAsync("ROMEO:");
        Console.WriteLine(answer.Content[0].Text);
    }

    public static void TheTextbook()
    {
        string path = Dataset.Find("timemachine")!.Get(); // found, or downloaded and checked
        using var corpus = Corpus.Load(path, new TextOptions { Clean = Cleaning.Textbook });
        Console.WriteLine((corpus.Training.Length, corpus.Vocabulary.Count));               // (170580, 28)
        Console.WriteLine(string.Join(' ', corpus.Vocabulary.Encode("the time machine")));  // 3 9 2 1 3 5 13 2 1 13 4 15 9 5 6 2

        using var words = Corpus.Load(path, new TextOptions { Clean = Cleaning.Textbook, Tokens = TokenKind.Word });
        foreach (int rank in (int[])[1, 2, 3, 4, 5])
            Console.WriteLine($"{words.Vocabulary[rank]} {words.Counts[rank]}"); // the 2261, i 1267, and 1245, of 1155, a 816

        var first = corpus.Training.Slice(0, 10_000);
        var windows = new WindowStream(first, batch: 32, steps: 35, WindowOrder.Sequential, seed: 1);
        int[] inputs = new int[35 * 32], targets = new int[35 * 32];
        WindowEpoch epoch = windows.Epoch(0);
        epoch.Read(0, inputs, targets);             // time-major: element [t, b] is at t * 32 + b
        Console.WriteLine(epoch.Count);             // 8 minibatches, at every offset
        Console.WriteLine(inputs[32] == targets[0]); // True: the target of step 0 is the input of step 1

        var scratch = new ModelOptions
        {
            Cell = CellKind.Rnn,
            HiddenSize = 512,
            Initialization = Initialization.Normal,
            Biases = Biases.One,
        };
        LanguageModel model = LanguageModel.Create(corpus.Vocabulary, scratch);
        Console.WriteLine(model.Parameters.Count); // 291356

        var concise = new ModelOptions { Cell = CellKind.Rnn, HiddenSize = 256 };
        Console.WriteLine(LanguageModel.Create(corpus.Vocabulary, concise).Parameters.Count); // 80412

        using (var untrained = new TextGenerator(model))
            Console.WriteLine(untrained.Generate("time traveller ", 10)); // nonsense: nothing is learned yet

        using var generator = new TextGenerator(model);
        string stepByStep = generator.Generate("time traveller", 20);
        string again = "time traveller";
        for (int i = 0; i < 20; i++)
            again = generator.Generate(again, 1); // the whole text from a zero state, for every character
        Console.WriteLine(stepByStep == again); // True

        using var sample = Corpus.Load(path, new TextOptions { Clean = Cleaning.Textbook }, new CorpusOptions { MaxTokens = 10_000 });
        var trained = LanguageModel.Create(sample.Vocabulary, scratch);
        TrainingResult result = new Trainer(trained, sample, TrainingOptions.Textbook with { Epochs = 20 }).Run();
        Console.WriteLine($"{result.Summary.Updates} updates, perplexity {Math.Exp(result.Summary.TrainingLoss):F1}");
        trained.Save("textbook.safetensors");

        int Count(ModelOptions options) => LanguageModel.Create(corpus.Vocabulary, options with { HiddenSize = 256 }).Parameters.Count;
        var plain = new ModelOptions { Initialization = Initialization.Normal, Biases = Biases.One };
        Console.WriteLine(Count(plain with { Cell = CellKind.Gru, ResetGate = ResetGate.Before }));  // 226076
        Console.WriteLine(Count(new() { Cell = CellKind.Gru }));                                     // 226844
        Console.WriteLine(Count(plain with { Cell = CellKind.Lstm }));                               // 299036
        Console.WriteLine(Count(new() { Cell = CellKind.Lstm }));                                    // 300060
        Console.WriteLine(Count(new() { Cell = CellKind.Lstm, Layers = 2 }));                        // 826396
    }
}

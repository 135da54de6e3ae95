// Completes a line as one types. The predictor keeps the model's state: a keystroke costs one step, however long the line is,
// and going back a character costs nothing, because the state before it was kept.
//
//   dotnet run samples/complete-as-you-type.cs                         learns the built-in story; Tab takes the completion, Esc ends
//   dotnet run samples/complete-as-you-type.cs -- my.safetensors       a model of your own
//   dotnet run samples/complete-as-you-type.cs -- --demo               types by itself
#:project ../src/Unroll/Unroll.csproj

using Unroll;

bool demo = args.Contains("--demo") || Console.IsInputRedirected;
LanguageModel model = args.FirstOrDefault(arg => arg != "--demo") is string path ? LanguageModel.Load(path) : Learn();
using var predictor = new TextPredictor(model);

if (demo)
{
    string typed = "";
    foreach (char letter in "the time tra")
    {
        typed += letter;
        predictor.Feed(letter.ToString());
        Console.WriteLine($"{typed}·{Completion()}");
    }
    return;
}

var line = "";
var before = new Stack<RecurrentState>(); // the state before each character
for (Show(); Console.ReadKey(intercept: true) is { Key: not (ConsoleKey.Escape or ConsoleKey.Enter) } key; Show())
{
    if (key.Key == ConsoleKey.Backspace && before.Count > 0)
    {
        line = line[..^1];
        predictor.SetState(before.Pop());
    }
    string added = key.Key == ConsoleKey.Tab ? Completion() : char.IsControl(key.KeyChar) ? "" : key.KeyChar.ToString();
    foreach (char letter in added)
    {
        before.Push(predictor.GetState());
        predictor.Feed(letter.ToString());
        line += letter;
    }
}
Console.WriteLine();

void Show() => Console.Write($"\r\e[K{line}\e[s\e[90m{Completion()}\e[0m\e[u");

// The likeliest continuation to the end of a word, as long as the model is fairly sure. The predictor stays where it is.
string Completion()
{
    RecurrentState here = predictor.GetState();
    string text = "";
    while (text.Length < 30 && predictor.MostLikely(1) is [{ Probability: > 0.3 } next] && next.Text != "\n" && !(text.Length > 0 && next.Text == " "))
    {
        text += next.Text;
        predictor.Feed([next.Id]);
    }
    predictor.SetState(here);
    return text;
}

static LanguageModel Learn()
{
    Console.WriteLine("Learning the built-in story …");
    using var corpus = Corpus.Load(TextSource.Story, new TextOptions { Clean = Cleaning.Textbook });
    var model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = CellKind.Gru, HiddenSize = 128 });
    new Trainer(model, corpus, new TrainingOptions { Epochs = 20, LearningRate = 0.01 }).Run();
    return model;
}

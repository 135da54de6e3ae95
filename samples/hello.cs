// Ten lines with the library: read a text, make a model, train it, keep it, let it speak.
//
//   dotnet run samples/hello.cs
#:project ../src/Unroll/Unroll.csproj

using Unroll;

using var corpus = Corpus.Load(TextSource.Story, new TextOptions { Clean = Cleaning.Textbook });
var model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = CellKind.Gru, HiddenSize = 256 });
var result = new Trainer(model, corpus, new TrainingOptions { Epochs = 60, LearningRate = 0.01 }).Run();
model.Save("hello.safetensors");

using var generator = new TextGenerator(LanguageModel.Load("hello.safetensors"));
Console.WriteLine($"training perplexity {Math.Exp(result.Summary.TrainingLoss):F2} after {result.Summary.Updates} updates");
Console.WriteLine(generator.Generate("the time traveller", length: 50));

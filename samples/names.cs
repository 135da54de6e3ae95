// Invents names: learns the list below, one name a line, and makes up new ones that are not in it.
//
//   dotnet run samples/names.cs               twenty names
//   dotnet run samples/names.cs -- list.txt   from a list of your own, one a line
#:project ../src/Unroll/Unroll.csproj

using Unroll;

string[] names = args is [string path]
    ? [.. File.ReadLines(path).Where(line => line.Length > 0)]
    : Moons.Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries);

// Every line is a document: where a name ends is learned, and no name as the successor of another.
using var corpus = Corpus.Load(TextSource.FromString(string.Join('\n', names)), new TextOptions { Documents = DocumentKind.Line }, new CorpusOptions { Validation = 0.1 });
var model = LanguageModel.Create(corpus.Vocabulary, new ModelOptions { Cell = CellKind.Gru, HiddenSize = 64 });
TrainingResult result = new Trainer(model, corpus, new TrainingOptions { Epochs = 100, Batch = 8, SequenceLength = 16, LearningRate = 0.005, Dropout = 0.3 }).Run();
Console.WriteLine($"{names.Length} names learned, perplexity {Math.Exp(result.Summary.TrainingLoss):F1}. New ones:\n");

using var generator = new TextGenerator(model);
var known = new HashSet<string>(names, StringComparer.OrdinalIgnoreCase);
for (ulong sample = 0; known.Count < names.Length + 20 && sample < 1000; sample++)
{
    string name = generator.Generate("", new GenerationOptions { Temperature = 0.7, Length = 20, Sample = sample }).Text;
    if (name.Length > 2 && known.Add(name))
        Console.WriteLine($"  {name}");
}

partial class Program
{
    // Moons of the solar system.
    private const string Moons = """
        Phobos Deimos Io Europa Ganymede Callisto Amalthea Himalia Elara Pasiphae Sinope Lysithea Carme Ananke Leda Thebe Adrastea
        Metis Callirrhoe Themisto Megaclite Taygete Chaldene Harpalyke Kalyke Iocaste Erinome Isonoe Praxidike Autonoe Thyone Hermippe
        Aitne Eurydome Euanthe Euporie Orthosie Sponde Kale Pasithee Hegemone Mneme Aoede Thelxinoe Arche Kallichore Helike Carpo
        Eukelade Cyllene Kore Herse Dia Mimas Enceladus Tethys Dione Rhea Titan Hyperion Iapetus Phoebe Janus Epimetheus Helene
        Telesto Calypso Atlas Prometheus Pandora Pan Ymir Paaliaq Tarvos Ijiraq Suttungr Kiviuq Mundilfari Albiorix Skathi Erriapus
        Siarnaq Thrymr Narvi Methone Pallene Polydeuces Daphnis Aegir Bebhionn Bergelmir Bestla Farbauti Fenrir Fornjot Hati
        Hyrrokkin Kari Loge Skoll Surtur Anthe Jarnsaxa Greip Tarqeq Aegaeon Ariel Umbriel Titania Oberon Miranda Cordelia Ophelia
        Bianca Cressida Desdemona Juliet Portia Rosalind Belinda Puck Caliban Sycorax Prospero Setebos Stephano Trinculo Francisco
        Margaret Ferdinand Perdita Mab Cupid Triton Nereid Naiad Thalassa Despina Galatea Larissa Proteus Halimede Psamathe Sao
        Laomedeia Neso Hippocamp Charon Nix Hydra Kerberos Styx
        """;
}

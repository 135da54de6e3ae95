using Unroll.Cli.Output;
using Unroll.Onnx;

namespace Unroll.Cli.Exporting;

/// <summary>A model as an ONNX file.</summary>
internal static class OnnxExport
{
    /// <summary>Whether a file is such a one: behind the format's version stands its maker.</summary>
    public static bool IsOne(string path) => OwnFile.Begins(path, "\x12\x06Unroll"u8, within: 16);

    /// <summary>Writes the file, and says what became of the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">Where the file goes.</param>
    /// <param name="evaluate">Measures how well a model predicts the text to check by; null = there is none.</param>
    public static OnnxJson Write(LanguageModel model, string path, Func<LanguageModel, EvaluationResult>? evaluate)
    {
        OnnxFile.Write(model, path);
        return new OnnxJson(path, new FileInfo(path).Length, model.Members.Count, model.MemoryTokens, ExportCheck.Of(model, model.WithoutMemory(), evaluate));
    }

    /// <summary>The same for people.</summary>
    public static void Show(OnnxJson made, Terminal terminal)
    {
        var facts = new Facts();
        facts.Add("onnx", Figures.Bytes(made.Bytes), made.File);
        ExportCheck.SayLeftOut(facts, made.LeftOutMemoryTokens, "which operators cannot express");
        ExportCheck.SayLoss(facts, made.Check, "file");
        facts.Write(terminal.Out, terminal.OutWidth);
    }
}

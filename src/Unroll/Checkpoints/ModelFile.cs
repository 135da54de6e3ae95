
namespace Unroll;

/// <summary>Keeps a model in one safetensors file that PyTorch opens too.</summary>
public static class ModelFile
{
    extension(LanguageModel model)
    {
        /// <summary>Writes the model, atomically: a crash leaves the old file or the new one.</summary>
        /// <exception cref="UnrollException">The file cannot be written.</exception>
        public void Save(string path) => Checkpoint.Write(path, new Checkpoint(model));

        /// <summary>Writes the bytes of a model's file into a stream, which is left open.</summary>
        public void Save(Stream stream) => Checkpoint.Write(stream, new Checkpoint(model));

        /// <summary>Reads a model.</summary>
        /// <exception cref="ModelFileException">The file is missing, damaged or not a model.</exception>
        public static LanguageModel Load(string path) => Checkpoint.Read(path).Model;

        /// <summary>Reads a model from a stream, from where it stands to its end; the stream is left open.</summary>
        /// <exception cref="ModelFileException">The content is damaged or not a model.</exception>
        public static LanguageModel Load(Stream stream) => Checkpoint.Read(stream).Model;
    }
}

namespace Unroll;

/// <summary>A model file that is missing, cannot be read, is damaged or is no model at all. The message says which.</summary>
public sealed class ModelFileException : UnrollException
{
    internal ModelFileException(Sentence sentence, Exception? innerException = null) : base(sentence, innerException)
    {
    }
}

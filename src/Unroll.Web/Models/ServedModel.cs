namespace Unroll.Web.Models;

/// <summary>A model that clients can ask for texts.</summary>
internal sealed class ServedModel : IDisposable
{
    /// <param name="id">What clients call it.</param>
    /// <param name="model">The model.</param>
    /// <param name="created">When its file was made.</param>
    /// <param name="options">What its generator may use.</param>
    public ServedModel(string id, LanguageModel model, DateTimeOffset created, BatchOptions options)
    {
        (Id, Model, Created, Fingerprint) = (id, model, created, model.Fingerprint());
        Generator = new BatchGenerator(model, options);
    }

    /// <summary>What clients call it.</summary>
    public string Id { get; }

    /// <summary>The model.</summary>
    public LanguageModel Model { get; }

    /// <summary>Its tokens.</summary>
    public Vocabulary Vocabulary => Model.Vocabulary;

    /// <summary>When its file was made.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>Which model it is, in 64 hexadecimal digits, whatever it is called.</summary>
    public string Fingerprint { get; }

    /// <summary>What continues its texts.</summary>
    public BatchGenerator Generator { get; }

    /// <summary>How long they have taken.</summary>
    public ServingTimes Times { get; } = new();

    /// <summary>Ends every text.</summary>
    public void Dispose() => Generator.Dispose();
}

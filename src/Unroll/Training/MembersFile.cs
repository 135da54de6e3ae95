// The runs of several networks in one file. Each saves when it comes to it; the file is written when all have saved since it was
// written last, each as it was then: a run goes on exactly from wherever it was saved, so they need not be equally far.
using System.Text.Json;
using Unroll.Options;

namespace Unroll.Training;

/// <summary>Collects what the runs of a model's networks save, and keeps it together.</summary>
/// <param name="count">Networks.</param>
/// <param name="place">Where to.</param>
/// <param name="summary">What the file says of the whole.</param>
internal sealed class MembersFile(int count, RunPlace place, Func<IReadOnlyList<TrainingSummary>, TrainingSummary> summary)
{
    private readonly object gate = new();
    private readonly Checkpoint?[] latest = new Checkpoint?[count]; // copies: the runs go on
    private readonly bool[] saved = new bool[count]; // since the file was written last
    private bool written; // since somebody asked
    private bool closed;

    /// <summary>Whether the file has been written since this was last asked.</summary>
    public bool TakeWritten() => Interlocked.Exchange(ref written, false);

    /// <summary>Where a network's run is kept.</summary>
    public RunPlace PlaceOf(int member) => new(place.Path, checkpoint => Save(member, checkpoint));

    /// <summary>What the file had of a network: a finished run has no state.</summary>
    public Checkpoint? Latest(int member) => latest[member];

    /// <summary>Takes nothing more: what comes after a failure is void.</summary>
    public void Close()
    {
        lock (gate)
            closed = true;
    }

    /// <summary>Writes what has been saved since the file was written last: all stand still.</summary>
    public void Flush()
    {
        lock (gate)
        {
            if (!closed && latest.All(one => one is not null))
                Write();
        }
    }

    /// <summary>Saves the finished model.</summary>
    public void SaveFinished(LanguageModel model, TrainingSummary whole) => place.Write(new Checkpoint(model, whole));

    /// <summary>Takes up what a file has.</summary>
    /// <exception cref="UnrollException">The file's state is not whole.</exception>
    public void Restore(Checkpoint checkpoint)
    {
        TrainingSnapshot snapshot = checkpoint.Training!;
        MemberProgress[] members = ReadMembers(snapshot.Json);
        for (int member = 0; member < count; member++)
        {
            string prefix = Prefix(member);
            var tensors = snapshot.Tensors.Where(tensor => tensor.Key.StartsWith(prefix, StringComparison.Ordinal))
                .ToDictionary(tensor => tensor.Key[prefix.Length..], tensor => tensor.Value);
            TrainingSnapshot? run = members[member].Run is { } json ? new TrainingSnapshot(json, tensors) : null;
            latest[member] = new Checkpoint(checkpoint.Model.Members[member], members[member].Summary, run);
            saved[member] = run is null;
        }
    }

    private static string Prefix(int member) => $"member.{member}.";

    private void Save(int member, Checkpoint checkpoint)
    {
        lock (gate)
        {
            if (closed)
                return;
            latest[member] = Copy(checkpoint);
            saved[member] = true;
            // When all are finished, the finished file comes next.
            if (saved.All(own => own) && latest.Any(one => one!.Training is not null))
                Write();
        }
    }

    private void Write()
    {
        place.Write(Whole());
        written = true;
        for (int i = 0; i < count; i++)
            saved[i] = latest[i]!.Training is null; // a finished one saves no more
    }

    private Checkpoint Whole()
    {
        var tensors = new Dictionary<string, float[]>();
        for (int member = 0; member < count; member++)
            foreach ((string name, float[] values) in latest[member]!.Training?.Tensors ?? new Dictionary<string, float[]>())
                tensors[Prefix(member) + name] = values;
        IEnumerable<string> members = latest.Select(one => OptionsWriter.Write(new MemberProgress { Summary = one!.Summary, Run = one.Training?.Json }, MemberProgress.Pass));
        return new Checkpoint(
            LanguageModel.Average([.. latest.Select(one => one!.Model)]), summary([.. latest.Select(one => one!.Summary!)]),
            new TrainingSnapshot($$"""{"members":[{{string.Join(',', members)}}]}""", tensors));
    }

    private static Checkpoint Copy(Checkpoint checkpoint)
    {
        LanguageModel copy = checkpoint.Model.Blank();
        checkpoint.Model.Parameters.Values.CopyTo(copy.Parameters.Values);
        return checkpoint with
        {
            Model = copy,
            Training = checkpoint.Training is { } run ? run with { Tensors = run.Tensors.ToDictionary(tensor => tensor.Key, tensor => (float[])tensor.Value.Clone()) } : null,
        };
    }

    private MemberProgress[] ReadMembers(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (!document.RootElement.TryGetProperty("members", out JsonElement list))
                throw Damaged();
            MemberProgress[] members = OptionsReader.Records<MemberProgress>(list.GetRawText(), MemberProgress.Pass);
            return members.Length == count && members.All(member => member.Summary is not null) ? members : throw Damaged();
        }
        catch (JsonException)
        {
            throw Damaged();
        }
    }

    private UnrollException Damaged() => RunFile.Damaged(place.Path);
}

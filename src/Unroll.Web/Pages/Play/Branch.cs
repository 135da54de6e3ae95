// One text of a tree. The first is what the model writes after the prefix; every other one leaves its parent at a token, puts another
// one there, and lets the model go on from the state that it had at that place.
using Unroll.Web.Models;

namespace Unroll.Web.Pages.Play;

/// <summary>A text, or the part of it that is its own.</summary>
internal sealed class Branch
{
    private readonly List<GeneratedToken> whole;
    private RecurrentState? start;

    private Branch(Branch? parent, Fork fork, IEnumerable<GeneratedToken> before) => (Parent, Fork, whole) = (parent, fork, [.. before]);

    /// <summary>The text that it leaves; null of the first.</summary>
    public Branch? Parent { get; }

    /// <summary>Where.</summary>
    public Fork Fork { get; }

    /// <summary>Those that leave this one.</summary>
    public List<Branch> Children { get; } = [];

    /// <summary>All of its tokens, from the text's beginning.</summary>
    public IReadOnlyList<GeneratedToken> Tokens => whole;

    /// <summary>How many of them are its parent's.</summary>
    public int Inherited => Parent is null ? 0 : Fork.At;

    /// <summary>Whether it has been written to its end.</summary>
    public bool IsWritten { get; private set; }

    /// <summary>The places at which it leaves what the model would have written.</summary>
    public IReadOnlyList<Fork> Path => Parent is null ? [] : [.. Parent.Path, Fork];

    /// <summary>A text's beginning.</summary>
    public static Branch Root() => new(null, default, []);

    /// <summary>The text that has another token at a place; where that is its parent's, the parent's branch. One that is there already is found again.</summary>
    /// <param name="at">Which token.</param>
    /// <param name="token">The id of the one to stand there.</param>
    public Branch At(int at, int token)
    {
        if (Parent is not null && at <= Fork.At)
            return at == Fork.At && token == Fork.Token ? this : Parent.At(at, token);
        if (at < whole.Count && whole[at].Id == token)
            return this;
        if (Children.Find(child => child.Fork == new Fork(at, token)) is { } known)
            return known;
        var branch = new Branch(this, new Fork(at, token), whole.Take(at));
        Children.Add(branch);
        return branch;
    }

    /// <summary>Writes the text, as far as it is not written.</summary>
    /// <param name="model">The model.</param>
    /// <param name="settings">The settings of the tree.</param>
    /// <param name="length">How many tokens the text is to have in all.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="UnrollException">The settings make no sense, or there is no room for another text.</exception>
    public async Task WriteAsync(ServedModel model, PlaySettings settings, int length, CancellationToken cancellationToken)
    {
        if (IsWritten || whole.Count >= length)
            return;
        whole.RemoveRange(Inherited, whole.Count - Inherited);
        if (Parent is not null)
        {
            start = await Parent.StateAt(model, settings, Fork.At, cancellationToken);
            whole.Add(Put(model));
        }
        using GenerationStream stream = model.Generator.Start(Request(settings, length - whole.Count) with { Alternatives = 10 }, cancellationToken);
        while (await stream.Tokens.WaitToReadAsync(cancellationToken))
            while (stream.Tokens.TryRead(out GeneratedToken token))
                whole.Add(token);
        IsWritten = (await stream.Outcome).Reason is FinishReason.Length or FinishReason.StopText or FinishReason.DocumentEnd;
    }

    // The state in which the model chose a token of this text.
    private async Task<RecurrentState?> StateAt(ServedModel model, PlaySettings settings, int at, CancellationToken cancellationToken)
    {
        int first = Parent is null ? 0 : Fork.At + 1; // of the tokens that it chose itself
        if (Parent is not null)
            start ??= await Parent.StateAt(model, settings, Fork.At, cancellationToken);
        using GenerationStream stream = model.Generator.Start(Request(settings, at - first) with { ReturnState = true }, cancellationToken);
        // It would sit out if nobody read it.
        while (await stream.Tokens.WaitToReadAsync(cancellationToken))
            while (stream.Tokens.TryRead(out _))
            {
            }
        return (await stream.Outcome).State;
    }

    private GenerationRequest Request(PlaySettings settings, int length)
    {
        GenerationOptions options = settings.Options with { Length = length };
        return Parent is null
            ? new GenerationRequest { Prefix = settings.Prefix, Options = options }
            : new GenerationRequest { PrefixIds = [Fork.Token], Start = start, Options = options };
    }

    // The token that was put there, as what it stands beside told of it.
    private GeneratedToken Put(ServedModel model)
    {
        GeneratedToken instead = Parent!.whole.Count > Fork.At ? Parent.whole[Fork.At] : default;
        TokenPrediction told = (instead.Alternatives ?? []).FirstOrDefault(other => other.Id == Fork.Token);
        return new GeneratedToken
        {
            Id = Fork.Token,
            Text = told.Text ?? model.Vocabulary[Fork.Token],
            Offset = instead.Offset,
            LogProbability = told.Text is null ? float.NaN : told.LogProbability,
            Alternatives = instead.Alternatives ?? [],
        };
    }
}

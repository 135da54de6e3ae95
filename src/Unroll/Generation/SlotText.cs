// What a stream's text is made of: the tokens to read, the state while it has no row, the turn that chooses the next token, and what
// is not handed out yet.
using System.Text;
using Unroll.Data.Tokens;
using Unroll.Kernels;
using Unroll.Model;
using Unroll.Prediction;

namespace Unroll.Generation;

/// <summary>A request on its way to its end. Made by whoever asks, then the loop's alone.</summary>
internal sealed class SlotText
{
    /// <summary>As many tokens go with a state.</summary>
    internal const int MostRecent = 16;

    private readonly Vocabulary vocabulary;
    private readonly TokenDecoder prefixDecoder;
    private readonly Queue<string> unknown = []; // tokens of the prefix, as it has them
    private readonly List<GeneratedToken> held = []; // which may begin a stop text
    private readonly List<int> recent = []; // the last tokens produced, where the state is wanted
    private int heldLength; // of their texts
    private long offset;

    /// <param name="request">The request, which makes sense.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="OptionsException">The options leave no token, or there is no such token.</exception>
    public SlotText(GenerationRequest request, LanguageModel model)
    {
        (Request, vocabulary) = (request, model.Vocabulary);
        int[] prefix = Encode();
        PrefixTokens = prefix.Length;
        // As TextGenerator begins a text.
        bool begins = request.Start is null && (prefix.Length == 0 || vocabulary.EndId is not null);
        (Ids, LineStarts) = begins ? ([LineStart.Of(vocabulary), .. prefix], 1) : (prefix, 0);
        State = request.Start?.Clone() ?? new RecurrentState(model);
        var text = new TextUnderWay(request.Options, vocabulary);
        prefixDecoder = new TokenDecoder(vocabulary);
        foreach (int id in request.Behind)
        {
            text.Read(id);
            prefixDecoder.Append(id);
        }
        foreach (int id in prefix)
            text.Read(id);
        Turn = new Continuation(request.Options, text);
    }

    /// <summary>What was asked for.</summary>
    public GenerationRequest Request { get; }

    /// <summary>What is to be read: the prefix, and before it what stands for nothing.</summary>
    public int[] Ids { get; }

    /// <summary>How many of these are not the prefix's.</summary>
    public int LineStarts { get; }

    /// <summary>Tokens of the prefix.</summary>
    public int PrefixTokens { get; }

    /// <summary>How many of <see cref="Ids"/> the state has behind it.</summary>
    public int Read { get; set; }

    /// <summary>How many are still to be read.</summary>
    public int Left => Ids.Length - Read;

    /// <summary>How many of those read were remembered.</summary>
    public int Remembered { get; set; }

    /// <summary>Where the text stands, while it has no row.</summary>
    public RecurrentState State { get; }

    /// <summary>What chooses tokens.</summary>
    public Continuation Turn { get; }

    /// <summary>Whether states of the text are remembered by its tokens.</summary>
    public bool IsRemembered => Request.Remember && Request.Start is null;

    /// <summary>What it has produced, where that is wanted to remember it by.</summary>
    public List<int> Produced { get; } = [];

    /// <summary>Why it is to end; null while it goes on.</summary>
    public FinishReason? Ending { get; set; }

    /// <summary>Whether the last token produced has been read too.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Whether its beginning has been looked for among the remembered ones.</summary>
    public bool IsRecalled { get; set; }

    /// <summary>A stream that reads the same prefix: what it reads will be remembered.</summary>
    public GenerationStream? Ahead { get; set; }

    /// <summary>Takes the next token and hands out what is certain.</summary>
    public void Next(Predictor predictor, ReadOnlySpan<float> logits, int row, TurnRoom room, GenerationStream outlet)
    {
        string text = Turn.Next(predictor, logits, row, room, measured: true);
        if (IsRemembered)
            Produced.Add(Turn.Last);
        if (Request.ReturnState)
            Note(Turn.Last);
        if (Turn.IsEnded)
            Ending = Turn.Text.IsDocument ? FinishReason.DocumentEnd : Turn.Text.IsEnded ? FinishReason.StopText : FinishReason.Length;
        if (!Request.OmitStopText)
        {
            if (!Turn.Text.IsDocument)
                outlet.Write(Placed(Token(Turn.Last, text, room.LogProbabilities)));
            return;
        }
        if (!Turn.Text.IsDocument)
        {
            held.Add(Token(Turn.Last, text, room.LogProbabilities));
            heldLength += text.Length;
        }
        int certain = heldLength - (Ending is null or FinishReason.StopText ? Turn.Text.Stop.Begun : 0);
        int released = Release(outlet, certain);
        // The stop text may begin in the middle of a token.
        if (Ending == FinishReason.StopText && released < certain)
            outlet.Write(Placed(held[0] with { Text = held[0].Text[..(certain - released)] }));
    }

    /// <summary>Hands out a token of the prefix.</summary>
    /// <param name="id">The token.</param>
    /// <param name="logProbabilities">[V], or empty: what was expected in its place.</param>
    /// <param name="outlet">Where to.</param>
    public void Score(int id, ReadOnlySpan<float> logProbabilities, GenerationStream outlet)
    {
        string text = prefixDecoder.Append(id);
        if (id == Vocabulary.UnknownId && unknown.TryDequeue(out string? token))
            text = text[..^Vocabulary.UnknownToken.Length] + token;
        outlet.Write(Placed(Token(id, text, logProbabilities) with { IsPrefix = true }));
    }

    /// <summary>Hands out what is held back, where nothing can follow any more.</summary>
    public void ReleaseAll(GenerationStream outlet)
    {
        if (Ending != FinishReason.StopText)
            Release(outlet, heldLength);
    }

    /// <summary>The last tokens that the state has behind it: enough for a character that has begun in them. None from before a
    /// document's end.</summary>
    public int[] LastTokens()
    {
        int[] all = [.. Request.Behind, .. Ids[Math.Min(LineStarts, Read)..Read].TakeLast(MostRecent), .. recent];
        return [.. all.AsSpan((vocabulary.EndId is { } end ? Array.LastIndexOf(all, end) : -1) + 1).ToArray().TakeLast(MostRecent)];
    }

    private void Note(int id)
    {
        if (recent.Count == MostRecent)
            recent.RemoveAt(0);
        recent.Add(id);
    }

    private int[] Encode()
    {
        if (Request.PrefixIds is { } ids)
        {
            foreach (int id in ids)
                OptionsException.Require((uint)id < (uint)vocabulary.Count, nameof(Request.PrefixIds), $"has the token {id}, but the model's go from 0 to {vocabulary.Count - 1}.");
            return [.. ids];
        }
        var encoder = new TextEncoder(vocabulary, whole: false);
        int[] encoded = encoder.Encode(Request.Prefix);
        if (Request.ScorePrefix)
            foreach (string token in encoder.Unknown)
                unknown.Enqueue(token);
        return encoded;
    }

    private GeneratedToken Token(int id, string text, ReadOnlySpan<float> logProbabilities) => new()
    {
        Id = id,
        Text = text,
        Offset = 0,
        LogProbability = logProbabilities.IsEmpty ? float.NaN : logProbabilities[id],
        Alternatives = logProbabilities.IsEmpty ? [] : Likeliest.Of(logProbabilities, vocabulary, Request.Alternatives),
    };

    private GeneratedToken Placed(GeneratedToken token)
    {
        token = token with { Offset = offset };
        foreach (Rune _ in token.Text.EnumerateRunes())
            offset++;
        return token;
    }

    // Those whose text ends within so many characters of what is held; how many characters these are.
    private int Release(GenerationStream outlet, int length)
    {
        int count = 0, end = 0;
        for (; count < held.Count && end + held[count].Text.Length <= length; count++)
        {
            end += held[count].Text.Length;
            outlet.Write(Placed(held[count]));
        }
        held.RemoveRange(0, count);
        heldLength -= end;
        return end;
    }
}

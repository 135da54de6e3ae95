// Documents: the tokens of any kind, and after each document one that says that it has ended. Whoever is behind this need not know
// what a document is; who knows the mark's id (Vocabulary.EndId) forgets there what came before.
namespace Unroll.Data.Tokens;

/// <summary>A kind of token, of a text that consists of documents.</summary>
/// <param name="inner">The kind.</param>
/// <param name="documents">What a document is.</param>
internal sealed class DocumentTokenization(Tokenization inner, DocumentKind documents) : Tokenization(inner.Plural, isCleaned: false)
{
    private const string LineBreak = "\n";

    /// <summary>The kind of token that documents are made of.</summary>
    public Tokenization Inner => inner;

    /// <inheritdoc/>
    public override string Description => documents == DocumentKind.Line ? $"{Plural} of lines" : $"{Plural} of files";

    /// <inheritdoc/>
    public override string CacheName => documents == DocumentKind.Line ? $"{inner.CacheName}-lines" : $"{inner.CacheName}-files";

    /// <inheritdoc/>
    public override bool IsLearned => inner.IsLearned;

    /// <inheritdoc/>
    public override bool IsWordByWord => inner.IsWordByWord;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Required => [Vocabulary.EndToken, .. inner.Required];

    /// <inheritdoc/>
    public override bool EndsWithFile => true;

    // Whether a document has begun must be known: after a line's end none has.
    /// <inheritdoc/>
    public override bool CutsAnywhere => false;

    /// <inheritdoc/>
    public override bool CutsBetween(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) => documents == DocumentKind.Line && before[^1] == '\n';

    /// <inheritdoc/>
    public override BytePairLearner CreateLearner() => inner.CreateLearner();

    /// <inheritdoc/>
    public override Tokenizer CreateTokenizer(TokenTable table, bool whole) =>
        new DocumentTokenizer(inner.CreateTokenizer(table, whole), table, endsAtLineBreak: documents == DocumentKind.Line, TextOf(Vocabulary.EndToken).Length, whole);

    /// <inheritdoc/>
    public override string TextOf(string token) => token != Vocabulary.EndToken ? inner.TextOf(token) : documents == DocumentKind.Line ? LineBreak : "";

    /// <inheritdoc/>
    public override byte[]? BytesOf(string token) => token == Vocabulary.EndToken ? null : inner.BytesOf(token);
}

/// <summary>Splits documents into tokens. One without a token is none.</summary>
/// <param name="inner">Splits what a document says.</param>
/// <param name="table">Where tokens get their numbers.</param>
/// <param name="endsAtLineBreak">Whether a line's break ends a document; it is then no part of it.</param>
/// <param name="markLength">Characters, which are bytes too, that the mark stands for.</param>
/// <param name="whole">Whether the text's end is the last document's.</param>
internal sealed class DocumentTokenizer(Tokenizer inner, TokenTable table, bool endsAtLineBreak, int markLength, bool whole) : Tokenizer
{
    private bool begun; // something of a document has been read
    private bool ends; // it has ended, and is being handed out to its mark
    private long marked; // characters that marks stand for

    public override int Split(ReadOnlySpan<char> text, Span<int> numbers, out int used)
    {
        int count = 0;
        used = 0;
        while (count < numbers.Length)
        {
            if (ends)
            {
                if (TryFinish(out int number))
                    numbers[count++] = number;
                continue;
            }
            if (used == text.Length)
                break;
            ReadOnlySpan<char> rest = text[used..];
            int length = endsAtLineBreak && rest.IndexOf('\n') is >= 0 and int end ? end : rest.Length;
            if (length == 0)
            {
                used++;
                ends = begun;
                continue;
            }
            begun = true;
            count += inner.Split(rest[..length], numbers[count..], out int read);
            used += read;
        }
        Count();
        return count;
    }

    public override bool TryFinish(out int number)
    {
        if (inner.TryFinish(out number))
        {
            Count();
            return true;
        }
        bool marks = begun && (ends || whole);
        (begun, ends) = (false, false);
        if (!marks)
            return false;
        number = table.Find(Vocabulary.EndToken);
        marked += markLength;
        Count();
        return true;
    }

    public override void Restart()
    {
        inner.Restart();
        (begun, ends, marked) = (false, false, 0);
        Count();
    }

    private void Count() => (Characters, Bytes) = (inner.Characters + marked, inner.Bytes + marked);
}

// Four words, for four stages of a text, are used in this sense throughout Data:
//   character  a Unicode scalar value;
//   token      a piece of text, as a string: "the", "é", "<0x41>";
//   number     what one reading of a text calls a token, in first-seen order; from 1 on in a table, where 0 says "none yet",
//              and from 0 on in what is kept (NumberedText);
//   id         what a vocabulary calls a token: 0 if it is unknown, small if it is common. Models know ids only.
// Numbers become ids by a map when all counts are known (TokenIds). Where the vocabulary is known beforehand, the table gives
// ids at once. What keeps long rows (IdSegments, IdWriter) does not care which of the two they are.
namespace Unroll.Data.Tokens;

/// <summary>Gives tokens their numbers while a text is read: see <see cref="NewTokens"/> and <see cref="KnownTokens"/>.</summary>
internal abstract class TokenTable
{
    /// <summary>The token's number, or its id in a table of ids. 0 says that it has none, and that the table wants to be asked about
    /// the next occurrence too.</summary>
    public abstract int Find(ReadOnlySpan<char> token);
}

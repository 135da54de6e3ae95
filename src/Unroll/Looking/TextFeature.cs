namespace Unroll;

/// <summary>What a reader of a text keeps track of, and a unit may follow. Of a token of several characters: where things stand after
/// its last, or whether any of them is of the kind.</summary>
public enum TextFeature
{
    /// <summary>Whether a quotation is open: " " “ ” « » 「 」 『 』. An empty line ends all, since one that goes on over paragraphs is
    /// opened again in each and closed once. Single quotation marks do not count: most of them are apostrophes.</summary>
    InsideQuotes,

    /// <summary>How many brackets are open: ( ) [ ] { } （ ） 【 】 〔 〕 《 》 〈 〉. One that closes what is not open does not count.</summary>
    BracketDepth,

    /// <summary>Characters since the line began.</summary>
    LinePosition,

    /// <summary>Spaces and tabs at the line's beginning, so far as it has been read.</summary>
    Indentation,

    /// <summary>Whether a word begins: a letter or a digit that none comes before.</summary>
    WordStart,

    /// <summary>Capital letters.</summary>
    UpperCase,

    /// <summary>Digits.</summary>
    Digit,

    /// <summary>White space, line breaks included.</summary>
    WhiteSpace,

    /// <summary>The vowels of the Latin alphabet, accented or not.</summary>
    Vowel,

    /// <summary>Punctuation marks of any script.</summary>
    Punctuation,

    /// <summary>Whether the next token begins with a line break.</summary>
    BeforeLineBreak,
}

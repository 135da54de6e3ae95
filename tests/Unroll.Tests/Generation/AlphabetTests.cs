using System.Text;
using CsCheck;
using Unroll.Generation;
using Xunit;

namespace Unroll.Tests.Generation;

/// <summary>Texts that are made of some characters only.</summary>
public class AlphabetTests
{
    private static readonly Vocabulary Letters = new([Vocabulary.UnknownToken, .. "abcz-. AZ中😀".EnumerateRunes().Select(rune => rune.ToString())], new TextOptions());

    private static readonly string[] Characters = ["a", "b", "-", "é", "ê", "д", "中", "丰", "丱", "😀", "😎", "\n"];

    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("a-c", "abc")]
    [InlineData("a-cA-Z", "abcAZ")]
    [InlineData("-a", "a-")]
    [InlineData("a-", "a-")]
    [InlineData("a-c-z", "abcz-")] // a range, a hyphen and a letter
    [InlineData(" -.", " .-")] // from the space to the full stop, which the hyphen stands between
    [InlineData("一-龥", "中")]
    [InlineData("😀", "😀")]
    [InlineData("\0-\U0010FFFF", "abcz-. AZ中😀")]
    public void Characters_and_ranges_of_them_allow_tokens(string allowed, string tokens)
    {
        bool[] actual = new Alphabet(allowed, Letters).Allowed(Alphabet.Whole);
        Assert.Equal(Letters.Tokens.Select((token, id) => id > 0 && tokens.Contains(token, StringComparison.Ordinal)), actual);
    }

    [Theory]
    [InlineData("z-a", "has the range 'z-a', which goes backwards")]
    [InlineData("xyw", "leaves no token: the model knows none that is made of 'xyw' alone")]
    [InlineData("<unk>", "leaves no token")] // nor may the unknown token be spelt
    public void What_makes_no_alphabet_is_said(string allowed, string says)
    {
        OptionsException mistake = Assert.Throws<OptionsException>(() => new Alphabet(allowed, Letters));
        Assert.Contains(says, mistake.Message);
        Assert.Equal(nameof(GenerationOptions.AllowedCharacters), mistake.Property);
        using var generator = new TextGenerator(new LanguageModel(Letters, new ModelOptions { HiddenSize = 2 }), threads: 1);
        Assert.Throws<OptionsException>(() => generator.Stream("a", new() { AllowedCharacters = allowed }));
    }

    [Fact]
    public void A_word_is_allowed_whole_or_not_at_all()
    {
        var words = new Vocabulary([Vocabulary.UnknownToken, "one", "on", " ", "two", "."], new TextOptions { Tokens = TokenKind.Word });
        Assert.Equal([false, true, true, true, false, false], new Alphabet("eno ", words).Allowed(Alphabet.Whole));
    }

    [Fact]
    public void Bytes_make_allowed_characters_and_no_others()
    {
        Vocabulary bytes = Vocabulary.Build([], new TextOptions { Tokens = TokenKind.Byte });
        Gen.Select(Gen.Int[0, Characters.Length - 1].Select(i => Characters[i]).Array[1, 6], Gen.ULong).Sample((characters, seed) =>
        {
            string allowed = string.Concat(characters.Distinct().OrderBy(character => character != "-")); // a hyphen first is itself
            var alphabet = new Alphabet(allowed, bytes);
            var random = new RandomStream(seed, RandomPurpose.Sampling, 0);
            var drawn = new List<int>();
            long place = Alphabet.Whole;
            for (ulong i = 0; i < 40 || place != Alphabet.Whole; i++)
            {
                int[] choices = [.. alphabet.Allowed(place).Select((allowed, id) => allowed ? id : -1).Where(id => id >= 0)];
                drawn.Add(choices[random.Below(i, choices.Length)]); // there is always one
                place = alphabet.After(place, drawn[^1]);
            }
            string text = bytes.Decode(drawn);
            Assert.All(text.EnumerateRunes(), rune => Assert.Contains(rune, allowed.EnumerateRunes()));
            // And none is out of reach.
            Assert.Equal(
                allowed.EnumerateRunes().Select(rune => Encoding.UTF8.GetBytes(rune.ToString())[0]).Distinct().Order(),
                alphabet.Allowed(Alphabet.Whole).Select((allowed, id) => allowed ? bytes[id] : "").Where(token => token.Length > 0)
                    .Select(token => Convert.ToByte(token[3..5], 16)).Order());
        });
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1.5, 1)]
    [InlineData(0, 4)]
    public void Generated_texts_keep_to_it(double temperature, int beam)
    {
        foreach (TokenKind kind in (TokenKind[])[TokenKind.Character, TokenKind.Byte])
        {
            LanguageModel model = Prediction.Models.Create(text: new TextOptions { Tokens = kind });
            using var generator = new TextGenerator(model, threads: 1);
            string text = generator.Generate("The quick ", new GenerationOptions { Length = 80, Temperature = temperature, Beam = beam, AllowedCharacters = "a-dr-t " }).Text;
            Assert.Equal(80, text.Length);
            Assert.Matches("^[a-dr-t ]+$", text);
        }
    }

    [Fact]
    public void Even_a_model_without_numbers_keeps_to_it()
    {
        LanguageModel model = CraftedModel.Constant(0.2, 0.3, 0.5);
        model.Parameters["decoder.bias"].Fill(float.NaN);
        using var generator = new TextGenerator(model, threads: 1);
        foreach (double temperature in (double[])[0, 1])
            Assert.Equal("bbbb", generator.Generate("a", new GenerationOptions { Length = 4, Temperature = temperature, AllowedCharacters = "bc" }).Text);
        Assert.Equal("", generator.Generate("a", new GenerationOptions { Length = 4, Beam = 2 }).Text);
    }
}

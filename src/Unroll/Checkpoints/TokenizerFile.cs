// A vocabulary of byte pairs in the form that Hugging Face's tokenizers library calls tokenizer.json, so that other programs split a
// text as the model does. Every byte is written as a visible character there, as GPT-2 does: most as themselves, the others as those
// from U+0100 on.
using System.Text;
using Unroll.Data.Tokens;
using Unroll.Files;

namespace Unroll;

/// <summary>Writes a vocabulary of byte pairs for other programs.</summary>
public static class TokenizerFile
{
    private static readonly string[] Letters = [.. LettersOfBytes()];

    extension(Vocabulary vocabulary)
    {
        /// <summary>Writes the vocabulary as Hugging Face's tokenizer.json, atomically. Ids are the same there; the unknown token has
        /// its id and is never produced; the mark that ends a document is a special added token there.</summary>
        /// <param name="path">The file; one that exists is replaced.</param>
        /// <exception cref="UnrollException">The tokens are no byte pairs, or texts are cleaned first, which such a file cannot
        /// say; or it cannot be written.</exception>
        public void SaveTokenizer(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            byte[] json = Encoding.UTF8.GetBytes(Json(vocabulary));
            AtomicFile.Write(path, stream => stream.Write(json));
        }
    }

    private static string Json(Vocabulary vocabulary)
    {
        Tokenization tokens = vocabulary.Tokenization is DocumentTokenization documents ? documents.Inner : vocabulary.Tokenization;
        if (tokens is not BytePairTokenization { Table: var table })
            throw new UnrollException($"Only byte-pair tokens have a tokenizer file, and the model's are {vocabulary.Tokenization.Plural}.");
        if (vocabulary.Text.Clean != Cleaning.None)
            throw new UnrollException($"A tokenizer file cannot say that texts go through the textbook's cleaning first, as the model's do.");
        var json = new StringBuilder("""
            {
              "version": "1.0",
              "truncation": null,
              "padding": null,
              "added_tokens": [
            """.ReplaceLineEndings("\n"));
        if (vocabulary.EndId is { } end)
            json.Append("\n    {\"id\": ").Append(end).Append(", \"content\": ").Append(Checkpoints.JsonText.Quote(Vocabulary.EndToken))
                .Append(", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, \"special\": true}\n  ");
        json.Append("""
            ],
              "normalizer": null,
              "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
              "post_processor": null,
              "decoder": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
              "model": {
                "type": "BPE",
                "dropout": null,
                "unk_token": null,
                "continuing_subword_prefix": null,
                "end_of_word_suffix": null,
                "fuse_unk": false,
                "byte_fallback": false,
                "ignore_merges": false,
                "vocab": {
            """.ReplaceLineEndings("\n"));
        for (int id = 0; id < vocabulary.Count; id++)
        {
            string token = id == Vocabulary.UnknownId || id == vocabulary.EndId ? vocabulary[id] : Written(table, id);
            json.Append(id == 0 ? "\n      " : ",\n      ").Append(Checkpoints.JsonText.Quote(token)).Append(": ").Append(id);
        }
        json.Append("\n    },\n    \"merges\": [");
        for (int id = BytePairTable.FirstMerge; id < table.Count; id++)
        {
            (int left, int right) = table.Pair(id);
            json.Append(id == BytePairTable.FirstMerge ? "\n      " : ",\n      ")
                .Append(Checkpoints.JsonText.Quote($"{Written(table, left)} {Written(table, right)}"));
        }
        return json.Append("\n    ]\n  }\n}\n").ToString();
    }

    private static string Written(BytePairTable table, int id)
    {
        var text = new StringBuilder();
        foreach (byte value in table.Bytes(id))
            text.Append(Letters[value]);
        return text.ToString();
    }

    private static IEnumerable<string> LettersOfBytes()
    {
        int next = 0x100;
        for (int value = 0; value < 256; value++)
        {
            bool visible = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            yield return ((char)(visible ? value : next++)).ToString();
        }
    }
}

// How a text becomes tokens and tokens become text, for every way that a model may have to split texts.

// What is white space to .NET, and the scripts that put no spaces between words.
const space = '\\t-\\r\\x85\\p{Z}';
const unspaced = '\\u0E00-\\u0EFF\\u1000-\\u109F\\u1780-\\u17FF\\u3005-\\u3007\\u3021-\\u3029\\u3031-\\u312F\\u31A0-\\u31FF\\u3400-\\u4DBF\\u4E00-\\u9FFF'
    + '\\uF900-\\uFAFF\\uFF66-\\uFF9D\\u{1AFF0}-\\u{1B16F}\\u{20000}-\\u{3FFFF}';
const letter = `(?:(?![${unspaced}])[\\p{L}\\p{N}\\p{Pc}])`, single = `(?:(?=[${unspaced}])[\\p{L}\\p{N}\\p{Pc}])`;
const other = `[^${space}\\p{L}\\p{N}\\p{Pc}\\p{M}]`;

// Words with their inner apostrophes; single letters of scripts without spaces; white space; the rest. Marks go with what they follow.
const word = new RegExp(`(?:${letter}|\\p{M})(?:${letter}|\\p{M}|['\\u2019]${letter})*|${single}\\p{M}*|[${space}]+|${other}(?:${other}|\\p{M})*`, 'gu');

// GPT-2's words, within which byte pairs are merged.
const piece = new RegExp(`'(?:s|t|re|ve|m|ll|d)| ?\\p{L}+| ?\\p{N}+| ?[^${space}\\p{L}\\p{N}]+|[${space}]+(?![^${space}])|[${space}]+`, 'gu');

/** The text as models know it: no byte order mark, CRLF as LF, no half characters. */
function plainText(text) {
    return text.replace(/^\uFEFF/, '').replace(/\r\n/g, '\n').replace(/\p{Surrogate}/gu, '\uFFFD');
}

class Tokens {
    constructor({ tokens, text, end, merges }) {
        this.list = tokens;
        this.end = end;
        this.text = text;
        this.ids = new Map(tokens.map((token, id) => [token, id]));
        this.isBytes = text.tokens === 'byte' || text.tokens === 'bpe';
        this.joiner = text.tokens === 'word' && text.clean === 'textbook' ? ' ' : '';
        this.merges = new Map();
        for (let i = 0; i < (merges?.length ?? 0); i += 2)
            this.merges.set(`${merges[i]} ${merges[i + 1]}`, 257 + i / 2);
    }

    /** The tokens' numbers; where the model does not know one it is 0, and is told. */
    encode(text, unknown = () => { }) {
        const plain = plainText(text);
        if (this.text.documents !== 'line')
            return this.split(plain, unknown);
        const ids = [], lines = plain.split('\n');
        lines.forEach((line, i) => {
            if (line === '')
                return;
            ids.push(...this.split(line, unknown));
            if (i + 1 < lines.length)
                ids.push(this.end);
        });
        return ids;
    }

    split(text, unknown) {
        const ids = [];
        const add = token => {
            const id = this.ids.get(token) ?? 0;
            if (id === 0)
                unknown(token);
            ids.push(id);
        };
        if (this.joiner) {
            for (const [found] of text.matchAll(/[A-Za-z]+/g))
                add(found.toLowerCase());
            return ids;
        }
        const clean = this.text.clean === 'textbook' ? cleaned(text) : text;
        if (this.text.tokens === 'word')
            for (const [found] of clean.matchAll(word))
                add(found);
        else if (this.text.tokens === 'byte')
            for (const byte of new TextEncoder().encode(clean))
                add(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
        else if (this.text.tokens === 'bpe')
            for (const [found] of clean.matchAll(piece))
                for (const id of this.merged(found))
                    ids.push(id);
        else
            for (const character of clean)
                add(character);
        return ids;
    }

    // Of all neighbours that may be merged those first whose merge was learnt first, the leftmost of several.
    merged(text) {
        const ids = [...new TextEncoder().encode(text)].map(byte => byte + 1);
        for (;;) {
            let best = Infinity, place = -1;
            for (let i = 0; i + 1 < ids.length; i++) {
                const made = this.merges.get(`${ids[i]} ${ids[i + 1]}`);
                if (made < best)
                    [best, place] = [made, i];
            }
            if (place < 0)
                return ids;
            ids.splice(place, 2, best);
        }
    }

    /** Writes tokens one after another: what each adds to the text, never half a character. */
    writer() {
        const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
        let begun = false;
        return id => {
            const token = this.list[id], bytes = id === this.end ? null : this.bytesOf(token);
            if (bytes)
                return decoder.decode(bytes, { stream: true });
            const before = decoder.decode() + (begun ? this.joiner : '');
            begun = true;
            return before + (id !== this.end ? token : this.text.documents === 'line' ? '\n' : '');
        };
    }

    /** The bytes of UTF-8 that a token stands for; null where it is text itself. */
    bytesOf(token) {
        if (!this.isBytes || token === '<unk>')
            return null;
        const bytes = [], encoder = new TextEncoder();
        for (const [part, number] of token.matchAll(/<0x([0-9A-F]{2})>|[^]/gu)) {
            // A byte pair's characters below 0x80 are text, even where they look like a number.
            if (number !== undefined && (this.text.tokens === 'byte' || parseInt(number, 16) >= 0x80))
                bytes.push(parseInt(number, 16));
            else
                bytes.push(...encoder.encode(part));
        }
        return new Uint8Array(bytes);
    }
}

// The textbook's cleaning: in every line what is no English letter becomes one space, and the line's ends are trimmed; lines are joined
// with nothing between them. The text's own ends are not trimmed, for it is a piece of one.
function cleaned(text) {
    return text.split(/[\n\r]/).map((line, i, lines) => {
        const letters = line.replace(/[^A-Za-z]+/g, ' ').toLowerCase();
        const begins = i > 0 ? letters.replace(/^ /, '') : letters;
        return i + 1 < lines.length ? begins.replace(/ $/, '') : begins;
    }).join('');
}

// Asks pages that hold models, without a browser: node ask.mjs REQUESTS.json, and the answers come as JSON. A page's own scripts compute,
// but for those that draw.
import { readFileSync } from 'node:fs';

const source = ['kernel', 'network', 'sampler', 'tokens', 'text']
    .map(name => readFileSync(new URL(`../../src/Unroll/Export/Page/${name}.js`, import.meta.url), 'utf8')).join('\n');
const { Model, Tokens, ModelText, uniform } = new Function(`'use strict'; ${source}; return { Model, Tokens, ModelText, uniform };`)();

function open(file, plain) {
    const page = readFileSync(file, 'utf8');
    const part = id => page.match(new RegExp(`<script type="[^"]*" id="${id}">([^<]*)</script>`))[1];
    const bytes = id => Uint8Array.from(Buffer.from(part(id), 'base64'));
    const model = new Model(JSON.parse(part('model')), bytes('weights'), plain ? null : bytes('kernel'));
    if (model.kernel.isPlain !== plain)
        throw new Error('This node has no WebAssembly with SIMD.');
    return { model, tokens: new Tokens(model) };
}

const answers = {
    // Every token of a text by what was expected in its place.
    score({ page, plain, text, open: isOpen }) {
        const { model, tokens } = open(page, plain), reading = new ModelText(model, isOpen);
        for (const id of tokens.encode(text))
            reading.read(id);
        // Whoever looks at a place sees what was expected when the text was read, and leaves all as it was.
        const expected = [...reading.ids.keys()].map(i => reading.expectedAt(i)?.[reading.ids[i]] ?? null);
        return { ids: reading.ids, logProbabilities: reading.logProbabilities, expected };
    },
    write({ page, prefix, length, seed, ...settings }) {
        const { model, tokens } = open(page, false), before = tokens.encode(prefix), text = new ModelText(model, before.length === 0), write = tokens.writer();
        for (const id of before)
            text.read(id, false);
        while (text.ids.length < before.length + length && text.write({ ...settings, seed: BigInt(seed) }))
            ;
        return text.ids.map(write).slice(before.length).join('');
    },
    // What a text is that leaves another one: the same as one that was read from its beginning.
    fork({ page, text, place, id }) {
        const { model, tokens } = open(page, false), first = new ModelText(model, true), again = new ModelText(model, true);
        const ids = tokens.encode(text);
        ids.forEach(one => first.read(one));
        const forked = first.fork(place, id);
        [...ids.slice(0, place), id].forEach(one => again.read(one));
        first.read(id); // they take turns
        forked.read(1);
        again.read(1);
        return [forked.logProbabilities, again.logProbabilities];
    },
    encode({ page, texts }) {
        const { tokens } = open(page, false);
        return texts.map(text => {
            const unknown = [], ids = tokens.encode(text, token => unknown.push(token)), write = tokens.writer();
            return { ids, unknown, text: ids.map(write).join('') };
        });
    },
    uniform: ({ seed, count }) => Array.from({ length: count }, (_, i) => uniform(BigInt(seed), i)),
};

const requests = JSON.parse(readFileSync(process.argv[2], 'utf8'));
console.log(JSON.stringify(requests.map(request => answers[request.kind](request))));

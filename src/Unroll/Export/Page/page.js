// The page begins here: the model is unpacked, and the half that the address names is shown.

const bytesOf = id => {
    const text = atob($(id).textContent);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i++)
        bytes[i] = text.charCodeAt(i);
    return bytes;
};

const model = new Model(JSON.parse($('#model').textContent), bytesOf('#weights'), bytesOf('#kernel'));
const tokens = new Tokens(model);
const play = new Play(model, tokens), read = new Read(model, tokens);

function tellAbout() {
    const [first] = model.networks, { leftOut } = model;
    const cell = { gruBefore: 'GRU' }[first.cell] ?? first.cell.toUpperCase();
    const missing = [
        leftOut.memoryTokens > 0 && words.leftOutMemory(number(leftOut.memoryTokens)),
        leftOut.networks > 0 && words.leftOutNetworks(leftOut.networks, leftOut.networks + model.networks.length),
        leftOut.ngrams > 0 && words.leftOutNgrams(number(leftOut.ngrams)),
    ].filter(Boolean);
    $('#about div').replaceChildren(
        make('p', {}, words.made(words.networks(model.networks.length, words.network({ ...first, cell })), model.bits, number(model.size))),
        ...missing.length ? [make('p', {}, words.leftOut), make('ul', {}, ...missing.map(what => make('li', {}, what)))] : [],
        make('p', {}, words.atHome),
        ...model.kernel.isPlain ? [make('p', {}, words.plain)] : []);
}

function open() {
    const page = location.hash === '#read' ? 'read' : 'play';
    for (const link of $$('[data-page]')) {
        link.classList.toggle('active', link.dataset.page === page);
        link.setAttribute('aria-current', link.dataset.page === page ? 'page' : 'false');
    }
    $('#play').hidden = page !== 'play';
    $('#read').hidden = page !== 'read';
    if (page === 'read')
        return;
    $('[data-page=play]').href = location.hash || '#'; // whoever reads and comes back finds the same text
    play.show(settingsOf(location.hash));
}

look.begin(() => {
    tellAbout();
    play.view.tell();
    read.tell();
    read.list();
});
$('.skip').onclick = event => {
    event.preventDefault();
    $('#content').focus();
};
addEventListener('hashchange', open);
tellAbout();
read.tell();
play.view.tell();
read.view.tell();
open();

/** For the browser's console: the model by itself. */
window.unroll = {
    model,
    /** A text's tokens, and the logarithms of their probabilities. */
    score(text) {
        const reading = new ModelText(model, false);
        for (const id of tokens.encode(text))
            reading.read(id);
        return { ids: reading.ids, logProbabilities: reading.logProbabilities };
    },
    /** What the model writes after a prefix. */
    write(prefix, { length = 200, temperature = 0, topK = 0, topP = 1, minP = 0, seed = 1 } = {}) {
        const before = tokens.encode(prefix), text = new ModelText(model, before.length === 0), write = tokens.writer();
        for (const id of before)
            text.read(id, false);
        while (text.ids.length < before.length + length && text.write({ temperature, topK, topP, minP, seed: BigInt(seed) }))
            ;
        return text.ids.map(write).slice(before.length).join('');
    },
};

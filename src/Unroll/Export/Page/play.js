// The half where the model writes. What is written depends on the page's address alone: settings, and the places where the text leaves
// what the model wrote by itself.

const usual = { prefix: '', length: 400, temperature: 0.8, topk: 0, topp: 1, minp: 0, seed: '1', pace: '', path: '', others: '' };

// Fields of the form, as an address has them, too.
const fields = ['prefix', 'length', 'temperature', 'topk', 'topp', 'minp', 'seed'];

/** The settings that an address names; what it does not say, or says wrongly, is as usual. */
function settingsOf(hash) {
    const said = new URLSearchParams(hash.replace(/^#/, ''));
    const between = (name, least, most) => {
        const value = said.get(name) === null || said.get(name).trim() === '' ? NaN : Number(said.get(name));
        return Number.isFinite(value) ? Math.min(Math.max(value, least), most) : usual[name];
    };
    const seed = said.get('seed') ?? '';
    return {
        prefix: said.get('prefix') ?? usual.prefix,
        length: Math.floor(between('length', 1, 100000)),
        temperature: between('temperature', 0, 10),
        topk: Math.floor(between('topk', 0, 1e6)),
        topp: between('topp', 0.001, 1),
        minp: between('minp', 0, 1),
        seed: /^\d{1,20}$/.test(seed) && BigInt(seed) < 2n ** 64n ? String(BigInt(seed)) : usual.seed,
        pace: said.get('pace') === 'once' ? 'once' : '',
        path: said.get('path') ?? '',
        others: said.get('others') ?? '',
    };
}

function addressOf(settings) {
    const said = new URLSearchParams();
    for (const [name, value] of Object.entries(settings))
        if (value !== usual[name])
            said.set(name, value);
    return `#${said}`;
}

/** The places where another token stands than the one that was written, such as 12.45-80.7. */
const forksOf = path => path.split('-').filter(Boolean).map(fork => fork.split('.').map(Number));

class Play {
    constructor(model, tokens) {
        Object.assign(this, { model, tokens, root: $('#play'), run: 0, settings: null, known: new Map() });
        this.form = $('form', this.root);
        this.view = new TokenView($('.tokens[role=group]', this.root), $('.here', this.root), 'pointAtToken', (place, id) => this.leave(place, id));
        this.form.onsubmit = event => {
            event.preventDefault();
            this.go(this.asked());
        };
        $('#another').onclick = () => {
            const asked = this.asked();
            this.go({ ...asked, seed: String((BigInt(asked.seed) + 1n) % 2n ** 64n) });
        };
        $('#stop').onclick = () => this.end(++this.run);
    }

    // A form's own length is how many fields it has, not the field of that name.
    field(name) {
        return this.form.elements.namedItem(name);
    }

    // What stands in the form.
    asked() {
        const said = new URLSearchParams(fields.map(name => [name, this.field(name).value]));
        said.set('pace', this.field('once').checked ? 'once' : '');
        return settingsOf(`#${said}`);
    }

    go(settings) {
        if (addressOf(settings) === addressOf(settingsOf(location.hash)))
            this.show(settings, true); // nobody would hear of an address that stays as it is
        else
            location.hash = addressOf(settings);
    }

    /** Another token at a place of the whole text: the text that is shown leaves its own there. */
    leave(place, id) {
        const at = place - this.prefixLength, path = forksOf(this.settings.path).filter(([earlier]) => earlier < at);
        const chosen = [...path, [at, id]].map(fork => fork.join('.')).join('-');
        const others = new Set([...this.settings.others.split(';'), this.settings.path].filter(other => other && other !== chosen));
        this.view.element.focus({ preventScroll: true }); // what was clicked on goes
        this.go({ ...this.settings, path: chosen, others: [...others].join(';'), pace: 'once' });
    }

    /** Shows, and writes, what settings name. */
    async show(settings, isAnew = false) {
        const run = ++this.run, { model, tokens, view } = this;
        const { prefix, length, temperature, seed, pace } = settings;
        if (isAnew || !this.settings || fields.some(name => settings[name] !== this.settings[name]))
            this.known.clear(); // texts by their paths
        this.settings = settings;
        for (const name of fields)
            this.field(name).value = settings[name];
        this.field('once').checked = pace === 'once';

        const unknown = new Set(), ids = tokens.encode(prefix, token => unknown.add(glyph(token)));
        this.prefixLength = ids.length;
        const mistake = $('.mistake', this.root);
        mistake.hidden = unknown.size === 0;
        mistake.textContent = words.unknown([...unknown].slice(0, 10).join(' '));
        $('.tokens.prefix', this.root).textContent = prefix;
        for (const element of [$('#stop'), $('.busy', this.root)])
            element.hidden = false;

        const choice = { temperature, topK: settings.topk, topP: settings.topp, minP: settings.minp, seed: BigInt(seed) }, end = ids.length + length;
        const forks = forksOf(settings.path);
        let path = '', text = this.known.get(path);
        const isReady = Boolean(this.known.get(settings.path));
        if (!text) {
            text = new ModelText(model, ids.length === 0);
            for (const id of ids)
                text.read(id, false);
            this.known.set(path, text);
        }
        for (const [at, id] of forks) {
            const place = ids.length + at;
            if (!(at >= 0 && at < length && id > 0 && id < model.size))
                break;
            await this.write(text, Math.min(place + 1, end), choice, run);
            if (run !== this.run)
                return;
            if (text.ids.length < place)
                break; // it ended before
            path += `${path ? '-' : ''}${at}.${id}`;
            if (!this.known.has(path))
                this.known.set(path, text.fork(place, id));
            text = this.known.get(path);
        }
        const inherited = forks.length > 0 && path ? ids.length + forks[path.split('-').length - 1][0] : 0;
        view.show(text, ids.length);
        this.writer = tokens.writer();
        for (const id of ids)
            this.writer(id);
        this.listBranches(path);
        await this.write(text, end, choice, run, { inherited, slowly: pace !== 'once' && !isReady });
        this.end(run);
    }

    // Lets the model go on to a length, a little at a time, and shows what there is of the text that is shown.
    async write(text, end, choice, run, shows = null) {
        let last = performance.now(), due = 0;
        while (run === this.run) {
            const until = performance.now() + 12;
            while (!text.isEnded && text.ids.length < end && performance.now() < until)
                text.isEnded = !text.write(choice);
            if (shows) {
                // Forty tokens a second are faster than most people read.
                const now = performance.now();
                due += shows.slowly ? (now - last) * 0.04 : Infinity;
                last = now;
                this.reveal(text, due, shows.inherited);
            }
            const isWritten = text.isEnded || text.ids.length >= end;
            if (isWritten && (!shows || this.view.pieces.length >= text.ids.length - this.prefixLength))
                return;
            await (isWritten ? new Promise(resolve => setTimeout(resolve, 25)) : breath());
        }
    }

    reveal(text, count, inherited) {
        const { view, prefixLength } = this, added = document.createDocumentFragment();
        for (let place = view.pieces.length; place < Math.min(count, text.ids.length - prefixLength); place++) {
            view.pieces.push(this.writer(text.ids[place + prefixLength]));
            const at = place + prefixLength;
            added.append(view.tokenSpan(place, inherited === 0 || at > inherited ? '' : at === inherited ? 'fork' : 'inherited'));
        }
        view.element.append(added);
    }

    end(run) {
        if (run === this.run)
            for (const element of [$('#stop'), $('.busy', this.root)])
                element.hidden = true;
    }

    listBranches(shown) {
        const paths = [...new Set(['', ...this.settings.others.split(';'), shown])].sort((a, b) => this.order(a, b));
        $('#branches').hidden = paths.length < 2;
        $('#branches ul').replaceChildren(...paths.map(path => {
            const others = paths.filter(other => other && other !== path).join(';');
            const button = make('button', { type: 'button', onclick: () => this.go({ ...this.settings, path, others, pace: 'once' }) }, this.nameOf(path));
            if (path === shown)
                button.setAttribute('aria-current', 'true');
            return make('li', { className: path ? `depth${Math.min(forksOf(path).length, 6)}` : '' }, button);
        }));
    }

    order(a, b) {
        const [left, right] = [forksOf(a).flat(), forksOf(b).flat()];
        for (let i = 0; i < Math.min(left.length, right.length); i++)
            if (left[i] !== right[i])
                return left[i] - right[i];
        return left.length - right.length;
    }

    nameOf(path) {
        if (!path)
            return words.firstText;
        const [at, id] = forksOf(path).at(-1), parent = this.known.get(path.split('-').slice(0, -1).join('-'));
        const write = this.tokens.writer();
        const before = (parent?.ids.slice(0, this.prefixLength + at) ?? []).map(write).slice(-12).join('');
        return `…${before}[${this.model.tokens[id] ?? id}]`.replaceAll('\n', '↵');
    }
}

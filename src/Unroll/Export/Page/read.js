// The half where the model reads a text, and colours it by surprise.

const mostCharacters = 100000, linesShown = 100, longestLine = 2000;

class Read {
    constructor(model, tokens) {
        Object.assign(this, { model, tokens, root: $('#read'), run: 0, lines: [], shown: linesShown });
        this.form = $('form', this.root);
        this.view = new TokenView($('.tokens', this.root), $('.here', this.root), 'pointToRead', null);
        this.form.onsubmit = event => {
            event.preventDefault();
            this.read(this.form.elements.text.value);
        };
        $('[type=file]', this.form).onchange = async event => {
            const file = event.target.files[0];
            try {
                if (file)
                    this.form.elements.text.value = new TextDecoder('utf-8', { fatal: true }).decode(await file.slice(0, 4 * mostCharacters + 4).arrayBuffer());
                this.complain('');
            } catch {
                this.complain(words.notUtf8);
            }
        };
        $('#example').onclick = () => {
            const text = new ModelText(this.model, true), write = this.tokens.writer();
            while (text.ids.length < 600 && text.write({ temperature: 1, topK: 0, seed: 1n }))
                ;
            this.form.elements.text.value = text.ids.map(write).join('');
            this.read(this.form.elements.text.value);
        };
        $('#worst').onchange = () => this.list();
        $('#more').onclick = () => {
            this.shown += linesShown;
            this.list();
        };
    }

    complain(mistake) {
        const element = $('.mistake', this.root);
        element.hidden = !mistake;
        element.textContent = mistake;
    }

    async read(pasted) {
        const run = ++this.run, busy = $('.busy', this.root), unknown = [], names = new Set();
        if (pasted.length > mostCharacters)
            return this.complain(words.tooLong(number(mostCharacters)));
        const ids = this.tokens.encode(pasted, token => {
            unknown.push(token);
            names.add(glyph(token));
        });
        if (ids.length === 0)
            return this.complain(words.noText);
        this.complain(names.size === 0 ? '' : words.unknown([...names].slice(0, 10).join(' ')));
        busy.hidden = false;
        const text = new ModelText(this.model, false);
        while (text.ids.length < ids.length) {
            for (const until = performance.now() + 25; text.ids.length < ids.length && performance.now() < until;)
                text.read(ids[text.ids.length]);
            busy.textContent = `${words.reading} ${Math.floor(100 * text.ids.length / ids.length)} %`;
            await breath();
            if (run !== this.run)
                return;
        }
        busy.hidden = true;
        this.view.show(text);
        const write = this.tokens.writer();
        this.view.pieces = ids.map(id => id === 0 && unknown.length > 0 ? write(id).replace(/<unk>$/, () => unknown.shift()) : write(id));
        this.bits = text.logProbabilities.map(value => Number.isNaN(value) ? 0 : bitsOf(value));
        this.lines = this.divide();
        this.shown = linesShown;
        $('#result').hidden = false;
        this.list();
        this.tell();
    }

    divide() {
        const lines = [], { pieces } = this.view;
        for (let first = 0, end = 1, line = 1; first < pieces.length; end++) {
            const isBroken = pieces[end - 1].includes('\n');
            if (!isBroken && end < pieces.length && end - first < longestLine)
                continue;
            lines.push({ line, first, end, bits: this.bits.slice(first, end).reduce((sum, bits) => sum + bits, 0) });
            first = end;
            line += isBroken ? 1 : 0;
        }
        return lines;
    }

    list() {
        const { lines, view, shown } = this;
        const mean = ({ bits, first, end }) => bits / (end - first);
        const order = $('#worst').checked ? [...lines].sort((a, b) => mean(b) - mean(a)) : lines;
        view.element.replaceChildren(...order.slice(0, shown).map(({ line, first, end, bits }) => make('div', { className: 'line' },
            make('span', { className: 'number', title: words.bitsOfLine }, `${line}: ${number(bits, 2)}`),
            make('span', { className: 'words' }, ...Array.from({ length: end - first }, (_, i) => view.tokenSpan(first + i, surpriseOf(this.bits[first + i])))))));
        view.span(view.chosen)?.classList.add('chosen');
        $('#more').hidden = lines.length <= shown;
        $('#more').textContent = words.moreLines(number(lines.length - shown));
    }

    // The legend, and the figures of the whole text.
    tell() {
        const ends = surpriseEnds, last = ends.length;
        $('.legend', this.root).replaceChildren(...[...ends, Infinity].map((end, i) => make('li', { className: `bits${i}` },
            i === 0 ? words.below(end) : i === last ? words.from(ends[last - 1]) : `${ends[i - 1]}–${end}`)));
        if (this.lines.length === 0)
            return;
        const { text, pieces } = this.view, predicted = pieces.filter((_, i) => !Number.isNaN(text.logProbabilities[i]));
        const bits = this.bits.reduce((sum, one) => sum + one, 0), written = predicted.join('');
        const per = size => size === 0 ? '0.00' : number(bits / size, 2);
        const figures = [number(predicted.length), number(bits, 2), per([...written].length), per(new TextEncoder().encode(written).length)];
        $('tbody', this.root).replaceChildren(make('tr', {}, ...figures.map(figure => make('td', {}, figure))));
        this.view.tell();
    }
}

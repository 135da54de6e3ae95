// What the page's two halves share: their words and colours, texts of tokens that can be pointed at, and what was expected there.

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

/** An element with its properties and children. */
function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties))
        if (name in element)
            element[name] = value;
        else
            element.setAttribute(name, value);
    element.append(...children);
    return element;
}

const bitsOf = logProbability => Math.abs(logProbability / Math.LN2);
const number = (value, digits = 0) => value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const percent = logProbability => `${(100 * Math.exp(logProbability)).toFixed(2).replace(/0$/, '')} %`;
const glyph = text => ({ ' ': '␣', '\n': '↵', '\t': '⇥', '': '·', '<end>': '⏹' })[text] ?? text.replaceAll('\n', '↵').replaceAll(' ', '␣');

/** The next moment when the browser has nothing more urgent to do. */
const breath = () => new Promise(resolve => setTimeout(resolve));

// Where each colour of surprise ends, in bits; the last has no end.
const surpriseEnds = [1, 2, 4, 6, 8, 12];

function surpriseOf(bits) {
    const place = surpriseEnds.findIndex(end => bits < end);
    return `bits${place < 0 ? surpriseEnds.length : place}`;
}

/** A text of tokens, of which one can be chosen: pointed at; clicked, and then it stays; or reached by the arrow keys. */
class TokenView {
    constructor(element, panel, hint, take) {
        Object.assign(this, { element, panel, hint, take, chosen: -1, isPinned: false, text: null, pieces: [] });
        const placeOf = event => Number(event.target.closest('[data-token]')?.dataset.token ?? -1);
        element.addEventListener('mouseover', event => {
            if (!this.isPinned && placeOf(event) >= 0)
                this.choose(placeOf(event));
        });
        element.addEventListener('click', event => {
            const place = placeOf(event);
            this.isPinned = place >= 0 && !(this.isPinned && place === this.chosen);
            if (place >= 0)
                this.choose(place);
        });
        element.addEventListener('keydown', event => {
            const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
            if (event.key === 'Escape')
                this.isPinned = false;
            if (!step || this.pieces.length === 0)
                return;
            event.preventDefault();
            this.isPinned = true;
            this.choose(Math.min(Math.max(this.chosen + step, 0), this.pieces.length - 1));
            this.span(this.chosen)?.scrollIntoView({ block: 'nearest' });
        });
    }

    span(place) {
        return $(`[data-token="${place}"]`, this.element);
    }

    /** Shows another text. @param first the place of the first token that is shown. */
    show(text, first = 0) {
        Object.assign(this, { text, first, chosen: -1, isPinned: false, pieces: [] });
        this.element.replaceChildren();
        this.tell();
    }

    /** A token as it is shown: a line break is seen, and breaks the line. */
    tokenSpan(place, style = '') {
        return make('span', { 'data-token': place, className: style }, this.pieces[place].replaceAll('\n', '↵\n'));
    }

    choose(place) {
        if (place === this.chosen)
            return;
        this.span(this.chosen)?.classList.remove('chosen');
        this.chosen = place;
        this.span(place)?.classList.add('chosen');
        this.tell();
    }

    /** Says what was expected at the chosen place. */
    tell() {
        if (this.chosen < 0 || this.chosen >= this.pieces.length) {
            this.panel.replaceChildren(make('p', { className: 'hint' }, words[this.hint]));
            return;
        }
        const place = this.first + this.chosen, id = this.text.ids[place], expected = this.text.expectedAt(place);
        const shown = make('b', { className: 'glyph' }, glyph(this.pieces[this.chosen]));
        if (!expected) {
            this.panel.replaceChildren(make('p', {}, shown, words.nothingBefore));
            return;
        }
        const { tokens } = this.text.model;
        const rows = likeliestTokens(expected, 10).map(other => make('li', {},
            this.take && other !== id
                ? make('button', { type: 'button', className: 'glyph', title: words.takeInstead, onclick: () => this.take(place, other) }, glyph(tokens[other]))
                : make('span', { className: 'glyph' }, glyph(tokens[other])),
            make('meter', { min: 0, max: 1, value: Math.exp(expected[other]), 'aria-label': glyph(tokens[other]) }),
            make('span', { className: 'number' }, percent(expected[other]))));
        this.panel.replaceChildren(
            make('p', {}, shown, `${words.probability(percent(expected[id]))}, ${words.bits(bitsOf(expected[id]).toFixed(2))}`),
            make('ol', {}, ...rows));
    }
}

/** How the reader wants the page to look; kept where the browser lets a file keep anything. */
const look = {
    kept(name) {
        try {
            return localStorage.getItem(`unroll-${name}`);
        } catch {
            return null;
        }
    },
    keep(name, value) {
        try {
            localStorage.setItem(`unroll-${name}`, value);
        } catch {
            // Then it is as usual the next time.
        }
    },
    begin(changed) {
        const root = document.documentElement, codes = Object.keys(languages);
        const speak = code => {
            root.lang = code;
            words = languages[code];
            for (const element of $$('[data-word]'))
                element.textContent = words[element.dataset.word];
            for (const element of $$('[data-label]'))
                element.setAttribute('aria-label', words[element.dataset.label]);
            for (const element of $$('[data-placeholder]'))
                element.placeholder = words[element.dataset.placeholder];
            const other = codes.find(one => one !== code);
            Object.assign($('#language'), { textContent: languages[other].name, lang: other });
            $('#theme').title = words.lightOrDark;
        };
        root.dataset.theme = this.kept('theme') ?? 'auto';
        speak(codes.includes(this.kept('language')) ? this.kept('language') : navigator.language.startsWith('zh') ? 'zh-CN' : 'en');
        $('#language').onclick = () => {
            const code = codes.find(one => languages[one] !== words);
            this.keep('language', code);
            speak(code);
            changed();
        };
        $('#theme').onclick = () => {
            const isDark = root.dataset.theme === 'dark' || (root.dataset.theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
            this.keep('theme', root.dataset.theme = isDark ? 'light' : 'dark');
        };
    },
};

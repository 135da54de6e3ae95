// A text that the model has read or written: its tokens, how likely each was, and states to go back to, one before every so many tokens.

const stride = 32;

class ModelText {
    /** Begins a text. @param isOpen whether its first token is expected from a text's usual beginning; where documents end, it always is. */
    constructor(model, isOpen) {
        this.model = model;
        this.isOpen = isOpen || model.end !== null;
        this.ids = [];
        this.logProbabilities = []; // NaN where nothing was expected, or nobody asked
        this.drawn = 0; // tokens that the model has chosen since the text began, or left another one
        model.reset();
        if (this.isOpen)
            model.feed(model.start);
        this.states = [model.save()]; // before token 0, 32, 64 …
        model.reader = this;
    }

    /** Reads a token. */
    read(id, measured = true) {
        this.resume();
        const expected = measured && (this.isOpen || this.ids.length > 0);
        this.append(id, expected ? this.model.predict()[id] : NaN);
    }

    /** Lets the model choose a token; false where the text ends here. */
    write(settings) {
        this.resume();
        const logProbabilities = this.model.predict();
        const id = choose(logProbabilities, settings, this.drawn++);
        if (id === this.model.end)
            return false;
        this.append(id, logProbabilities[id]);
        return true;
    }

    append(id, logProbability) {
        if (this.ids.length === this.states.length * stride)
            this.states.push(this.model.save());
        this.ids.push(id);
        this.logProbabilities.push(logProbability);
        this.model.feed(id);
    }

    /** What was expected in a token's place, [V] in nats; null where nothing was. */
    expectedAt(place) {
        if (!this.isOpen && place === 0)
            return null;
        const { model } = this, before = model.save();
        this.goTo(place);
        const expected = model.predict().slice();
        model.restore(before);
        return expected;
    }

    /** Another text, the same up to a token, in whose place another one stands. */
    fork(place, id) {
        const other = Object.assign(Object.create(ModelText.prototype), this, {
            ids: this.ids.slice(0, place),
            logProbabilities: this.logProbabilities.slice(0, place),
            states: this.states.slice(0, Math.floor(place / stride) + 1),
            drawn: 0,
            isEnded: false,
        });
        other.read(id);
        return other;
    }

    // Texts take turns with the model.
    resume() {
        if (this.model.reader !== this)
            this.goTo(this.ids.length);
        this.model.reader = this;
    }

    goTo(place) {
        const mark = Math.min(Math.floor(place / stride), this.states.length - 1);
        this.model.restore(this.states[mark]);
        for (let i = mark * stride; i < place; i++)
            this.model.feed(this.ids[i]);
    }
}

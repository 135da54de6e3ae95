// What the networks compute: a token in, states on, the logarithms of all tokens' probabilities out. Weights of products are unpacked to
// floats; tables of which a step reads a row or two stay as they were packed.

/** Numbers of 8 or 16 bits, row by row, each a multiple of its group's scale. */
class Tensor {
    constructor(bytes, bits, { rows, columns, group, at }) {
        this.rows = rows;
        this.columns = columns;
        this.group = group;
        this.groups = Math.ceil(columns / group); // of a row
        const scales = rows * this.groups, Integers = bits === 8 ? Int8Array : Int16Array;
        this.scales = new Float32Array(bytes.buffer, bytes.byteOffset + at, scales);
        this.numbers = new Integers(bytes.buffer, bytes.byteOffset + at + 4 * scales, rows * columns);
    }

    /** floats[at + i · step] += a row's numbers from first on. */
    addRow(row, floats, at, step = 1, first = 0, count = this.columns) {
        for (let i = 0; i < count; i++) {
            const column = first + i;
            const scale = this.scales[row * this.groups + Math.floor(column / this.group)];
            floats[at + i * step] += Math.fround(scale * this.numbers[row * this.columns + column]);
        }
    }
}

/** Rows of a tensor, or of several stretches of its rows, as the kernel wants them: [panels][inputs][32]. */
class Product {
    /** @param rowOf which row of the tensor an output is; -1 for none. */
    constructor(room, tensor, outputs, rowOf = output => output) {
        Object.assign(this, { tensor, outputs, rowOf, inputs: tensor.columns, panels: Math.ceil(outputs / panelWidth) });
        this.at = room.take(this.panels * panelWidth * this.inputs);
    }

    fill(floats) {
        for (let output = 0; output < this.outputs; output++) {
            const row = this.rowOf(output);
            const first = this.at + Math.floor(output / panelWidth) * panelWidth * this.inputs + output % panelWidth;
            if (row >= 0)
                this.tensor.addRow(row, floats, first, panelWidth);
        }
    }

    addTo(kernel, out, x) {
        kernel.multiply(out, this.at, x, this.panels, this.inputs);
    }
}

// A cell: gates, planes of pre-activations, which stretches of gates are multiplied with what and added where, and the formula. a: the
// planes; h, c: the states; e: one plane more; n: the units, a multiple of 4. The second half of a formula comes after the second product.
const cells = {
    rnn: {
        gates: 1, planes: 1, products: [{ gates: [0, 1], plane: 0 }],
        finish(kernel, f, a, h, c, e, n, network) {
            if (network.activation === 'relu')
                for (let j = 0; j < n; j++)
                    f[a + j] = Math.max(0, f[a + j]);
            else
                kernel.tanh(a, n);
            f.copyWithin(h, a, a + n);
        },
    },
    // r z n, with the recurrent part of n in a plane to itself: n = tanh(input + r · recurrent).
    gru: {
        gates: 3, planes: 4, products: [{ gates: [0, 2], plane: 0 }, { gates: [2, 3], plane: 3 }],
        finish(kernel, f, a, h, c, e, n) {
            kernel.sigmoid(a, 2 * n);
            for (let j = 0; j < n; j++)
                f[a + 2 * n + j] += f[a + j] * f[a + 3 * n + j];
            kernel.tanh(a + 2 * n, n);
            update(f, a, h, n);
        },
    },
    // r z n, with r · h multiplied: n = tanh(input + W · (r · h)).
    gruBefore: {
        gates: 3, planes: 3, products: [{ gates: [0, 2], plane: 0 }, { gates: [2, 3], plane: 2, extra: true }],
        begin(kernel, f, a, h, e, n) {
            kernel.sigmoid(a, 2 * n);
            for (let j = 0; j < n; j++)
                f[e + j] = f[a + j] * f[h + j];
        },
        finish(kernel, f, a, h, c, e, n) {
            kernel.tanh(a + 2 * n, n);
            update(f, a, h, n);
        },
    },
    // i f g o: c = f · c + i · g, h = o · tanh(c).
    lstm: {
        gates: 4, planes: 4, memory: true, products: [{ gates: [0, 4], plane: 0 }],
        finish(kernel, f, a, h, c, e, n) {
            kernel.sigmoid(a, 2 * n);
            kernel.tanh(a + 2 * n, n);
            kernel.sigmoid(a + 3 * n, n);
            for (let j = 0; j < n; j++)
                f[e + j] = f[c + j] = f[a + n + j] * f[c + j] + f[a + j] * f[a + 2 * n + j];
            kernel.tanh(e, n);
            for (let j = 0; j < n; j++)
                f[h + j] = f[a + 3 * n + j] * f[e + j];
        },
    },
    // f g o: c = f · c + (1 − f) · g, h = o · tanh(c).
    cifg: {
        gates: 3, planes: 3, memory: true, products: [{ gates: [0, 3], plane: 0 }],
        finish(kernel, f, a, h, c, e, n) {
            kernel.sigmoid(a, n);
            kernel.tanh(a + n, n);
            kernel.sigmoid(a + 2 * n, n);
            for (let j = 0; j < n; j++)
                f[e + j] = f[c + j] = f[a + n + j] + f[a + j] * (f[c + j] - f[a + n + j]);
            kernel.tanh(e, n);
            for (let j = 0; j < n; j++)
                f[h + j] = f[a + 2 * n + j] * f[e + j];
        },
    },
};

// h = (1 − z) · n + z · h.
function update(f, a, h, n) {
    for (let j = 0; j < n; j++)
        f[h + j] = f[a + 2 * n + j] + f[a + n + j] * (f[h + j] - f[a + 2 * n + j]);
}

class Layer {
    constructor(room, network, index, tensors) {
        const hidden = network.hidden, cell = cells[network.cell];
        this.cell = cell;
        this.units = Math.ceil(hidden / 4) * 4; // the units beyond the last one stay 0
        const ofGates = (first, end) => output => output % this.units < hidden && output < (end - first) * this.units
            ? (first + Math.floor(output / this.units)) * hidden + output % this.units : -1;
        this.hidden = hidden;
        this.bias = tensors[`bias${index}`];
        this.table = index === 0 && network.embedding === 0 ? tensors.input0 : null; // [V, G·H], a row for a token
        this.input = this.table ? null : new Product(room, tensors[`input${index}`], cell.gates * this.units, ofGates(0, cell.gates));
        this.recurrent = cell.products.map(({ gates: [first, end], plane, extra }) => ({
            plane, extra, product: new Product(room, tensors[`recurrent${index}`], (end - first) * this.units, ofGates(first, end)),
        }));
        this.biasAt = room.take(cell.planes * this.units);
        this.planes = room.take(cell.planes * this.units + panelWidth); // a product's last panel may reach beyond
        this.extra = room.take(this.units);
        this.h = room.take(this.units);
        this.c = cell.memory ? room.take(this.units) : this.h;
    }

    fill(floats) {
        this.input?.fill(floats);
        for (const { product } of this.recurrent)
            product.fill(floats);
        for (let plane = 0; plane < this.cell.planes; plane++)
            floats.set(this.bias.subarray(plane * this.hidden, (plane + 1) * this.hidden), this.biasAt + plane * this.units);
    }

    /** One step; x is where the input stands, or the token. */
    step(kernel, x, network) {
        const { cell, units, planes, extra, h, c } = this, f = kernel.floats;
        f.copyWithin(planes, this.biasAt, this.biasAt + cell.planes * units);
        if (this.table)
            for (let gate = 0; gate < cell.gates; gate++)
                this.table.addRow(x, f, planes + gate * units, 1, gate * this.hidden, this.hidden);
        else
            this.input.addTo(kernel, planes, x);
        for (const { plane, extra: readsExtra, product } of this.recurrent) {
            if (readsExtra)
                cell.begin(kernel, f, planes, h, extra, units);
            product.addTo(kernel, planes + plane * units, readsExtra ? extra : h);
        }
        cell.finish(kernel, f, planes, h, c, extra, units, network);
    }
}

/** Which vectors the last tokens have beside their own. The n-grams stand as [context, older token] in ascending order; a context is a
    token, or V + the row of an n-gram. */
class Ngrams {
    constructor(entries, size) {
        this.entries = entries;
        this.size = size;
    }

    /** The rows of the n-grams that end the text, of orders 2 to most. recent: the last tokens, the latest first. */
    *rows(recent, most, end) {
        let node = recent[0];
        for (let order = 2; order <= most && order <= recent.length && recent[order - 2] !== end; order++) {
            const row = this.find(node, recent[order - 1]);
            if (row < 0)
                return;
            yield row;
            node = this.size + row;
        }
    }

    find(node, older) {
        let low = 0, high = this.entries.length / 2 - 1;
        while (low <= high) {
            const middle = (low + high) >> 1;
            const order = this.entries[2 * middle] - node || this.entries[2 * middle + 1] - older;
            if (order === 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return -1;
    }
}

class Network {
    constructor(room, spec, size, end, tensors) {
        Object.assign(this, spec);
        this.size = size;
        this.end = end;
        this.tensors = tensors;
        this.layerList = Array.from({ length: spec.layers }, (_, i) => new Layer(room, spec, i, tensors));
        this.vector = spec.embedding > 0 ? room.take(spec.embedding) : 0;
        this.ngrams = tensors.ngrams ? new Ngrams(tensors.ngrams, size) : null;
        this.order = Math.max(spec.inputNgrams, spec.outputNgrams, 1);
        this.decoder = new Product(room, tensors.decoder ?? tensors.embedding, tensors.decoderBias.length);
        this.logits = room.take(this.decoder.panels * panelWidth);
        this.clusters = Array.from({ length: spec.borders.length ? spec.borders.length - 1 : 0 }, (_, i) => {
            const [down, up] = [new Product(room, tensors[`down${i}`], tensors[`down${i}`].rows), new Product(room, tensors[`up${i}`], tensors[`up${i}`].rows)];
            return { down, up, first: spec.borders[i], middle: room.take(down.panels * panelWidth), logits: room.take(up.panels * panelWidth) };
        });
        this.logProbabilities = new Float64Array(size);
        this.recent = []; // the last tokens, the latest first
    }

    fill(kernel) {
        this.kernel = kernel;
        for (const part of [...this.layerList, this.decoder, ...this.clusters.flatMap(({ down, up }) => [down, up])])
            part.fill(kernel.floats);
        this.states = this.layerList.flatMap(layer => (layer.c === layer.h ? [layer.h] : [layer.h, layer.c]).map(at => kernel.floats.subarray(at, at + layer.units)));
    }

    reset() {
        this.states.forEach(state => state.fill(0));
        this.recent = [];
    }

    feed(token) {
        const floats = this.kernel.floats;
        if (token === this.end)
            this.states.forEach(state => state.fill(0)); // nothing is carried over from another document
        this.recent = [token, ...this.recent].slice(0, this.order);
        let input = token;
        if (this.embedding > 0) {
            input = this.vector;
            floats.fill(0, input, input + this.embedding);
            this.tensors.embedding.addRow(token, floats, input);
            if (this.inputNgrams > 0)
                for (const row of this.ngrams.rows(this.recent, this.inputNgrams, this.end))
                    this.tensors.inputNgrams.addRow(row, floats, input);
        }
        for (const layer of this.layerList) {
            layer.step(this.kernel, input, this);
            input = layer.h;
        }
    }

    /** [V] in nats, until the next call. */
    predict() {
        const { kernel, logits, size, logProbabilities } = this, floats = kernel.floats, h = this.layerList.at(-1).h;
        floats.set(this.tensors.decoderBias, logits);
        this.decoder.addTo(kernel, logits, h);
        if (this.outputNgrams > 0)
            for (const row of this.ngrams.rows(this.recent, this.outputNgrams, this.end))
                this.tensors.outputNgrams.addRow(row, floats, logits);
        if (this.clusters.length === 0) {
            logSoftmax(floats, logits, size, logProbabilities, 0, 0);
            return logProbabilities;
        }
        // The head's last outputs are the clusters.
        const head = new Float64Array(this.tensors.decoderBias.length);
        logSoftmax(floats, logits, head.length, head, 0, 0);
        logProbabilities.set(head.subarray(0, this.borders[0]));
        this.clusters.forEach(({ down, up, first, middle, logits: own }, i) => {
            floats.fill(0, middle, middle + down.outputs);
            down.addTo(kernel, middle, h);
            floats.fill(0, own, own + up.outputs);
            up.addTo(kernel, own, middle);
            logSoftmax(floats, own, up.outputs, logProbabilities, first, head[this.borders[0] + i]);
        });
        return logProbabilities;
    }
}

/** to[first + i] = plus + log softmax of floats[at …]. */
function logSoftmax(floats, at, count, to, first, plus) {
    let largest = -Infinity, sum = 0;
    for (let i = 0; i < count; i++)
        largest = Math.max(largest, floats[at + i]);
    for (let i = 0; i < count; i++)
        sum += Math.exp(floats[at + i] - largest);
    const shift = largest + Math.log(sum) - plus;
    for (let i = 0; i < count; i++)
        to[first + i] = floats[at + i] - shift;
}

/** A model: its networks, whose probabilities are averaged, and its tokens. */
class Model {
    /** @param bytes the numbers, as packed; @param kernelBytes the arithmetic, or nothing for plain JavaScript. */
    constructor(spec, bytes, kernelBytes) {
        Object.assign(this, spec);
        this.size = spec.tokens.length;
        const room = new Room();
        this.members = spec.networks.map(network => new Network(room, network, this.size, spec.end, Object.fromEntries(
            Object.entries(network.tensors).map(([name, where]) => [name, tensor(where)]))));
        this.kernel = makeKernel(room.count, kernelBytes);
        this.members.forEach(member => member.fill(this.kernel));
        this.mean = new Float64Array(this.size);

        function tensor({ kind, at, count, ...shape }) {
            const start = bytes.byteOffset + at;
            return kind === 'floats' ? new Float32Array(bytes.buffer, start, count)
                : kind === 'integers' ? new Int32Array(bytes.buffer, start, count)
                : new Tensor(bytes, spec.bits, { at, ...shape });
        }
    }

    reset() {
        this.members.forEach(member => member.reset());
    }

    feed(token) {
        this.members.forEach(member => member.feed(token));
    }

    /** The logarithms of the probabilities of what comes next, [V], until the next call. */
    predict() {
        const said = this.members.map(member => member.predict());
        if (said.length === 1)
            return said[0];
        for (let token = 0; token < this.size; token++) {
            const largest = Math.max(...said.map(one => one[token]));
            this.mean[token] = largest + Math.log(said.reduce((sum, one) => sum + Math.exp(one[token] - largest), 0) / said.length);
        }
        return this.mean;
    }

    /** What has been read, to go back to. */
    save() {
        return this.members.map(({ states, recent }) => ({ states: states.map(state => state.slice()), recent }));
    }

    restore(saved) {
        this.members.forEach((member, i) => {
            member.states.forEach((state, j) => state.set(saved[i].states[j]));
            member.recent = saved[i].recent;
        });
    }
}

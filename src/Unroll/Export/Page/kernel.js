// The page's arithmetic: kernel.wat where the browser has WebAssembly with SIMD, and else the same here, to the bit. All numbers stand in
// one array of floats; whoever needs some takes room in it beforehand. Refuses to know what a network is.

const panelWidth = 32;

/** Room in the array of floats, handed out before the array is made. */
class Room {
    count = 0;

    take(length) {
        const at = this.count;
        this.count += Math.ceil(length / panelWidth) * panelWidth;
        return at;
    }
}

/** Makes the array, and what computes in it. Places and lengths are in floats. */
function makeKernel(count, bytes) {
    try {
        if (bytes && WebAssembly.validate(bytes)) {
            const memory = new WebAssembly.Memory({ initial: Math.ceil(count * 4 / 65536) + 1 });
            const simd = new WebAssembly.Instance(new WebAssembly.Module(bytes), { page: { memory } }).exports;
            return {
                isPlain: false,
                floats: new Float32Array(memory.buffer),
                multiply: (out, weights, x, panels, inputs) => simd.multiply(4 * out, 4 * weights, 4 * x, panels, inputs),
                sigmoid: (x, length) => simd.sigmoid(4 * x, length),
                tanh: (x, length) => simd.tanh(4 * x, length),
            };
        }
    } catch {
        // Some browsers forbid WebAssembly; the page is slower there, and says the same.
    }
    return makePlainKernel(count);
}

function makePlainKernel(count) {
    const round = Math.fround, floats = new Float32Array(count);
    const log2OfE = round(1.44269504), ln2High = round(0.693359375), ln2Low = round(2.12194440e-4);
    const coefficients = [1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1].map(round);
    const nearest = 12582912; // 1.5 · 2²³: a float that is added to it, and from which it is taken again, is whole
    const powers = new Float32Array(256).map((_, n) => 2 ** (n - 127));

    // eʳ − 1, of which eˣ = 2ⁿ · (1 + this), and 2ⁿ.
    let scale = 1;
    function reducedExp(x) {
        const n = round(round(round(x * log2OfE) + nearest) - nearest);
        let r = round(x - round(n * ln2High));
        r = round(r + round(n * ln2Low));
        let q = coefficients[0];
        for (let i = 1; i < 6; i++)
            q = round(round(q * r) + coefficients[i]);
        scale = powers[n + 127];
        return round(round(round(q * r) * r) + r);
    }

    return {
        isPlain: true,
        floats,
        multiply(out, weights, x, panels, inputs) {
            for (let panel = 0; panel < panels; panel++, out += panelWidth) {
                for (let k = 0; k < inputs; k++) {
                    const factor = floats[x + k];
                    for (let j = 0; j < panelWidth; j++)
                        floats[out + j] = round(floats[out + j] + round(factor * floats[weights + j]));
                    weights += panelWidth;
                }
            }
        },
        sigmoid(x, length) {
            for (const end = x + length; x < end; x++) {
                const p = reducedExp(Math.min(Math.max(-floats[x], -87), 88));
                floats[x] = round(1 / round(1 + round(round(p * scale) + scale)));
            }
        },
        tanh(x, length) {
            for (const end = x + length; x < end; x++) {
                const p = reducedExp(Math.min(Math.max(round(floats[x] + floats[x]), -40), 40));
                const less1 = round(round(p * scale) + round(scale - 1));
                floats[x] = round(less1 / round(less1 + 2));
            }
        },
    };
}

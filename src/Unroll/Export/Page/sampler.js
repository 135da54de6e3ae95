// From probabilities to a token, by the rules of `unroll generate`: the same seed draws the same numbers, and mostly the same text.

const mask32 = 0xFFFFFFFFn;

/** Number `position` of the stream of a seed, in [0, 1): Philox4x32-10 (Salmon et al. 2011), keyed by the seed and by what it is for. */
function uniform(seed, position) {
    const sampling = 5n; // what the numbers are for
    const counter = BigInt(position) >> 1n;
    let [c0, c1, c2, c3] = [counter & mask32, counter >> 32n, 0n, sampling << 24n];
    let [k0, k1] = [seed & mask32, seed >> 32n];
    for (let round = 0; round < 10; round++) {
        const [product0, product1] = [c0 * 0xD2511F53n, c2 * 0xCD9E8D57n];
        [c0, c1, c2, c3] = [(product1 >> 32n) ^ c1 ^ k0, product1 & mask32, (product0 >> 32n) ^ c3 ^ k1, product0 & mask32];
        [k0, k1] = [(k0 + 0x9E3779B9n) & mask32, (k1 + 0xBB67AE85n) & mask32];
    }
    const bits = position % 2 === 0 ? c0 | (c1 << 32n) : c2 | (c3 << 32n);
    return Number(bits >> 11n) / 2 ** 53;
}

/** Chooses a token; the unknown one, which is token 0, never, unless there is no other. */
function choose(logProbabilities, { temperature, topK = 0, topP = 1, minP = 0, seed }, position) {
    const size = logProbabilities.length, first = size > 1 ? 1 : 0;
    let likeliest = first;
    for (let token = first + 1; token < size; token++)
        if (logProbabilities[token] > logProbabilities[likeliest])
            likeliest = token;
    if (temperature === 0)
        return likeliest;
    const weights = new Float64Array(size); // the likeliest weighs 1
    let total = 0;
    for (let token = first; token < size; token++)
        total += weights[token] = Math.exp((logProbabilities[token] - logProbabilities[likeliest]) / temperature);
    // All, in the order of their numbers; or those that are left, the likeliest first.
    const left = topK > 0 || topP < 1 || minP > 0 ? shortlist(logProbabilities, weights, total, { topK, topP, minP }) : null;
    const count = left ? left.length : size - first, target = uniform(seed, position) * (left ? weightOf(left, weights) : total);
    let sum = 0;
    for (let i = 0; i < count; i++) {
        const token = left ? left[i] : first + i;
        sum += weights[token];
        if (sum > target)
            return token;
    }
    return likeliest;
}

const weightOf = (list, weights) => list.reduce((sum, token) => sum + weights[token], 0);

/** The tokens that top-k, min-p and top-p leave, in this order, the likeliest first. */
function shortlist(logProbabilities, weights, total, { topK, topP, minP }) {
    const size = logProbabilities.length, first = size > 1 ? 1 : 0;
    // Of n tokens those rarer than (1 - p)/n weigh less than 1 - p together: top-p alone never reaches them.
    const isTotal = topK === 0 && minP === 0, least = isTotal ? (1 - topP) / (size - first) * total : minP;
    const candidates = topK > 0 ? likeliestTokens(logProbabilities, topK) : Array.from({ length: size - first }, (_, i) => first + i);
    const list = candidates.filter(token => weights[token] >= least);
    if (topK === 0)
        list.sort((a, b) => logProbabilities[b] - logProbabilities[a] || a - b);
    if (topP === 1)
        return list;
    const whole = isTotal ? total : weightOf(list, weights);
    let sum = 0, count = 0;
    while (count < list.length && (count === 0 || sum < topP * whole))
        sum += weights[list[count++]];
    return list.slice(0, count);
}

/** The likeliest tokens but the unknown one, the likeliest first, equals by their numbers. */
function likeliestTokens(logProbabilities, count) {
    const found = [];
    for (let token = logProbabilities.length > 1 ? 1 : 0; token < logProbabilities.length; token++) {
        if (found.length === count && logProbabilities[token] <= logProbabilities[found[count - 1]])
            continue;
        let place = found.length;
        while (place > 0 && logProbabilities[found[place - 1]] < logProbabilities[token])
            place--;
        found.splice(place, 0, token);
        found.length = Math.min(found.length, count);
    }
    return found;
}

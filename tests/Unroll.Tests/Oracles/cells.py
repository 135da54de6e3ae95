"""Writes cells.json: small language models computed by PyTorch in double precision, for the tests to compare with.

    python3 tests/Unroll.Tests/Oracles/cells.py > tests/Unroll.Tests/Oracles/cells.json

Parameters are rounded to float32, so that both sides start from the same numbers. Nothing here knows Unroll: recurrent
layers are torch.nn's, except the GRU that resets before the product and the LSTM with coupled gates, which torch does not
have and which are spelt out.
"""
import json
import sys

import torch
from torch import nn
from torch.nn import functional

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

CASES = [
    # name, cell, V, H, L, embedding, B, T, further options
    ("rnn tanh, one-hot", "rnn", 7, 5, 1, 0, 2, 5, {}),
    ("rnn tanh, one-hot, 1 bias, 2 layers", "rnn", 6, 4, 2, 0, 3, 4, {"biases": "one"}),
    ("rnn relu, embedding, 2 layers", "rnn", 6, 5, 2, 3, 2, 5, {"activation": "relu"}),
    ("gru, one-hot", "gru", 9, 4, 1, 0, 3, 5, {}),
    ("gru, tied embedding, 2 layers", "gru", 7, 3, 2, 3, 2, 4, {"tie": True}),
    ("gru reset before, 1 bias, one-hot", "gru", 6, 4, 1, 0, 2, 5, {"resetGate": "before", "biases": "one"}),
    ("gru reset before, embedding, 2 layers", "gru", 5, 3, 2, 4, 3, 4, {"resetGate": "before"}),
    ("lstm, one-hot", "lstm", 5, 4, 1, 0, 2, 5, {}),
    ("lstm, 1 bias, embedding", "lstm", 6, 3, 1, 2, 3, 5, {"biases": "one"}),
    ("lstm, tied embedding, 2 layers", "lstm", 8, 3, 2, 3, 2, 4, {"tie": True}),
    ("lstm, one-hot, 3 layers", "lstm", 5, 3, 3, 0, 2, 4, {}),
    ("cifg, one-hot", "cifg", 6, 4, 1, 0, 2, 5, {}),
    ("cifg, embedding, 2 layers", "cifg", 5, 3, 2, 4, 3, 4, {}),
    ("cifg, 1 bias, tied embedding", "cifg", 7, 4, 1, 4, 2, 4, {"biases": "one", "tie": True}),
    ("rnn, adaptive softmax of two clusters", "rnn", 70, 20, 1, 3, 4, 6, {"adaptiveSoftmax": 32}),
]

# Windows of training with everything that makes a network forget on purpose; masks are drawn as docs/the-maths.md says.
REGULARISED = [
    # name, cell, V, H, L, embedding, B, T, training options
    ("lstm, 2 layers, states and outputs dropped", "lstm", 7, 5, 2, 0, 3, 5, {"dropout": 0.3, "dropoutMask": "locked", "stateDropout": 0.4}),
    ("cifg, embedding, states dropped", "cifg", 6, 6, 1, 4, 2, 5, {"stateDropout": 0.5}),
    ("cifg, 2 layers, a mask for every step", "cifg", 6, 5, 2, 3, 2, 4, {"dropout": 0.4, "dropoutMask": "fresh", "stateDropout": 0.2}),
    ("cifg, one-hot, tokens dropped, penalties", "cifg", 6, 5, 1, 0, 2, 5,
     {"inputDropout": 0.4, "dropoutMask": "locked", "stateDropout": 0.2, "activationPenalty": 0.7, "changePenalty": 0.4}),
    ("lstm, 2 layers, vectors dropped at every step, penalties", "lstm", 6, 4, 2, 5, 2, 4,
     {"inputDropout": 0.3, "activationPenalty": 0.5, "changePenalty": 0.8}),
]

# Cells that carry a memory beside the hidden vector.
MEMORY = ("lstm", "cifg")

# One optimiser per line: a name, its settings, how it is made. Each makes three updates on the same minibatch.
OPTIMIZERS = [
    ({"optimizer": "sgd", "lr": 1.0, "clip": 0.25, "weightDecay": 0.0}, torch.optim.SGD),
    ({"optimizer": "sgd", "lr": 0.5, "clip": 1000.0, "weightDecay": 0.1}, torch.optim.SGD),
    ({"optimizer": "adam", "lr": 0.02, "clip": 0.25, "weightDecay": 0.0}, torch.optim.Adam),
    ({"optimizer": "adam", "lr": 0.01, "clip": 0.0, "weightDecay": 0.2}, torch.optim.Adam),
    ({"optimizer": "adamW", "lr": 0.05, "clip": 0.0, "weightDecay": 0.3}, torch.optim.AdamW),
]


def groups(settings, parameters):
    """AdamW's decay spares vectors; SGD's and Adam's penalty takes everything."""
    if settings["optimizer"] != "adamW":
        return list(parameters)
    return [{"params": [p for p in parameters if p.dim() > 1]},
            {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0}]


class SpeltOut(nn.Module):
    """Layers of three gates, one after another, with torch's names."""

    def __init__(self, inputs, hidden, layers):
        super().__init__()
        self.layers, self.hidden = layers, hidden
        for layer in range(layers):
            self.register_parameter(f"weight_ih_l{layer}", nn.Parameter(torch.empty(3 * hidden, hidden if layer else inputs)))
            self.register_parameter(f"weight_hh_l{layer}", nn.Parameter(torch.empty(3 * hidden, hidden)))
            self.register_parameter(f"bias_ih_l{layer}", nn.Parameter(torch.empty(3 * hidden)))
            self.register_parameter(f"bias_hh_l{layer}", nn.Parameter(torch.empty(3 * hidden)))


class GruResetBefore(SpeltOut):
    """n = tanh(W_in x + b_in + W_hn (r h) + b_hn), gate order r z n."""

    def forward(self, x, state):
        last = []
        for layer in range(self.layers):
            w_ir, w_iz, w_in = getattr(self, f"weight_ih_l{layer}").chunk(3)
            w_hr, w_hz, w_hn = getattr(self, f"weight_hh_l{layer}").chunk(3)
            b_r, b_z, b_n = (getattr(self, f"bias_ih_l{layer}") + getattr(self, f"bias_hh_l{layer}")).chunk(3)
            h, outputs = state[layer], []
            for x_t in x:
                r = torch.sigmoid(x_t @ w_ir.T + h @ w_hr.T + b_r)
                z = torch.sigmoid(x_t @ w_iz.T + h @ w_hz.T + b_z)
                n = torch.tanh(x_t @ w_in.T + (r * h) @ w_hn.T + b_n)
                h = (1 - z) * n + z * h
                outputs.append(h)
            x = torch.stack(outputs)
            last.append(h)
        return x, torch.stack(last)


class Cifg(SpeltOut):
    """Coupled gates: c = f c + (1 - f) g, h = o tanh(c), gate order f g o."""

    def forward(self, x, state):
        last_h, last_c = [], []
        for layer in range(self.layers):
            w_i, w_h = getattr(self, f"weight_ih_l{layer}"), getattr(self, f"weight_hh_l{layer}")
            b = getattr(self, f"bias_ih_l{layer}") + getattr(self, f"bias_hh_l{layer}")
            h, c, outputs = state[0][layer], state[1][layer], []
            for x_t in x:
                a_f, a_g, a_o = (x_t @ w_i.T + h @ w_h.T + b).chunk(3, dim=1)
                f, g, o = torch.sigmoid(a_f), torch.tanh(a_g), torch.sigmoid(a_o)
                c = f * c + (1 - f) * g
                h = o * torch.tanh(c)
                outputs.append(h)
            x = torch.stack(outputs)
            last_h.append(h)
            last_c.append(c)
        return x, (torch.stack(last_h), torch.stack(last_c))


class Model(nn.Module):
    def __init__(self, cell, vocabulary, hidden, layers, embedding, resetGate="after", activation="tanh", biases="two", tie=False, adaptiveSoftmax=0):
        super().__init__()
        self.vocabulary, self.single = vocabulary, biases == "one"
        inputs = embedding or vocabulary
        self.embedding = nn.Embedding(vocabulary, embedding) if embedding else None
        if cell == "rnn":
            self.rnn = nn.RNN(inputs, hidden, layers, nonlinearity=activation)
        elif cell == "lstm":
            self.rnn = nn.LSTM(inputs, hidden, layers)
        elif cell == "cifg":
            self.rnn = Cifg(inputs, hidden, layers)
        elif resetGate == "after":
            self.rnn = nn.GRU(inputs, hidden, layers)
        else:
            self.rnn = GruResetBefore(inputs, hidden, layers)
        self.decoder = nn.Linear(hidden, vocabulary)
        if adaptiveSoftmax:
            # torch's own, but for the lengths of its vectors.
            borders = [adaptiveSoftmax, 2 * adaptiveSoftmax, vocabulary]
            self.decoder = nn.AdaptiveLogSoftmaxWithLoss(hidden, vocabulary, borders[:-1], head_bias=True)
            self.decoder.tail = nn.ModuleList(
                nn.Sequential(nn.Linear(hidden, 16, bias=False), nn.Linear(16, end - start, bias=False)) for start, end in zip(borders, borders[1:]))
        if tie:
            self.decoder.weight = self.embedding.weight
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                parameter.copy_((torch.rand(parameter.shape) * 2 - 1).float() * 0.75)
                if self.single and "bias_hh" in name:
                    parameter.zero_().requires_grad_(False)

    def learned(self):
        return {name: p for name, p in self.named_parameters() if not (self.single and "bias_hh" in name)}

    def forward(self, ids, state):
        x = self.embedding(ids) if self.embedding else functional.one_hot(ids, self.vocabulary).to(torch.float64)
        outputs, state = self.rnn(x, state)
        if isinstance(self.decoder, nn.AdaptiveLogSoftmaxWithLoss):
            return self.decoder.log_prob(outputs.flatten(0, 1)).view(*ids.shape, -1), state
        return self.decoder(outputs), state


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def table(parameters):
    return {name: numbers(parameter) for name, parameter in parameters.items()}


def case(index, name, cell, vocabulary, hidden, layers, embedding, batch, steps, options):
    torch.manual_seed(index)
    model = Model(cell, vocabulary, hidden, layers, embedding, **options)
    inputs, targets = torch.randint(vocabulary, (2, steps, batch))
    states = [(torch.rand(layers, batch, hidden) * 2 - 1).float().double() for _ in range(2 if cell in MEMORY else 1)]
    state = tuple(states) if cell in MEMORY else states[0]

    def loss_of():
        logits, last = model(inputs, state)
        losses = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
        return logits, losses, losses.mean(), last if cell in MEMORY else (last,)

    learned = model.learned()
    start = {n: p.detach().clone() for n, p in learned.items()}
    logits, losses, loss, last = loss_of()
    loss.backward()
    result = {
        "name": name,
        "options": {"cell": cell, "hidden": hidden, "layers": layers, "embedding": embedding, **options},
        "vocabulary": vocabulary, "batch": batch, "steps": steps,
        "inputs": inputs.flatten().tolist(), "targets": targets.flatten().tolist(),
        "state": [numbers(layer) for s in states for layer in s],
        "parameters": table(start),
        "logits": numbers(logits), "losses": numbers(losses), "loss": float(loss),
        "lastState": [numbers(layer) for s in last for layer in s],
        "gradients": table({n: p.grad for n, p in learned.items()}),
        "updates": [],
    }
    # Every optimiser on every case would make a large file: two each, in turn.
    for settings, kind in () if "adaptiveSoftmax" in options else (OPTIMIZERS[(index + shift) % len(OPTIMIZERS)] for shift in (0, 2)):
        with torch.no_grad():
            for n, p in learned.items():
                p.copy_(start[n])
        optimizer = kind(groups(settings, learned.values()), lr=settings["lr"], weight_decay=settings["weightDecay"])
        norms = []
        for _ in range(3):
            optimizer.zero_grad()
            loss_of()[2].backward()
            norms.append(float(nn.utils.clip_grad_norm_(learned.values(), settings["clip"] or float("inf"))))
            optimizer.step()
        result["updates"].append({**settings, "norms": norms, "parameters": table(learned)})
    return result


def philox(seed, purpose, index, block):
    """Four words of Philox4x32-10 (Salmon et al. 2011)."""
    word = 0xFFFFFFFF
    c = [block & word, block >> 32, index & word, (index >> 32) ^ (purpose << 24)]
    k = [seed & word, seed >> 32]
    for _ in range(10):
        a, b = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [(b >> 32) ^ c[1] ^ k[0], b & word, (a >> 32) ^ c[3] ^ k[1], a & word]
        k = [(k[0] + 0x9E3779B9) & word, (k[1] + 0xBB67AE85) & word]
    return c


def mask(purpose, first_row, rows, columns, p, seed, update):
    """[rows, columns] of 0 or 1 / (1 - p)."""
    def factor(row, column):
        word = philox(seed, purpose, update, row * ((columns + 3) // 4) + column // 4)[column % 4]
        return 0.0 if word / 2**32 < p else 1 / (1 - p)
    return torch.tensor([[factor(first_row + row, column) for column in range(columns)] for row in range(rows)])


def regularised(index, name, cell, vocabulary, hidden, layers, embedding, batch, steps, training):
    seed, update, purposes = 5, 6, {"dropout": 4, "stateDropout": 6, "inputDropout": 7}
    locked = training.get("dropoutMask") == "locked"
    torch.manual_seed(1000 + index)
    model = Model(cell, vocabulary, hidden, layers, embedding)
    inputs, targets = torch.randint(vocabulary, (2, steps, batch))
    states = [(torch.rand(layers, batch, hidden) * 2 - 1).float().double() for _ in range(2)]
    x = model.embedding(inputs) if embedding else functional.one_hot(inputs, vocabulary).to(torch.float64)
    if "inputDropout" in training:
        # A locked mask for each row of the minibatch; a fresh one for each step, of which a one-hot token has one number.
        def of_step(t):
            columns = embedding or (vocabulary if locked else 1)
            return mask(purposes["inputDropout"], 0 if locked else t * batch, batch, columns, training["inputDropout"], seed, update)
        x = x * torch.stack([of_step(t) for t in range(steps)])
    last_h, last_c = [], []
    for layer in range(layers):
        w_i, w_h = getattr(model.rnn, f"weight_ih_l{layer}"), getattr(model.rnn, f"weight_hh_l{layer}")
        b = getattr(model.rnn, f"bias_ih_l{layer}") + getattr(model.rnn, f"bias_hh_l{layer}")
        h, c, hidden_vectors, outputs = states[0][layer], states[1][layer], [], []
        state_mask = mask(purposes["stateDropout"], layer * batch, batch, hidden, training.get("stateDropout", 0), seed, update)
        for t in range(steps):
            gates = (x[t] @ w_i.T + h @ w_h.T + b).chunk(4 if cell == "lstm" else 3, dim=1)
            f, g, o = torch.sigmoid(gates[-3]), torch.tanh(gates[-2]), torch.sigmoid(gates[-1])
            i = torch.sigmoid(gates[0]) if cell == "lstm" else 1 - f
            c = f * c + i * g
            h = state_mask * o * torch.tanh(c)
            hidden_vectors.append(h)
            rows = layer * batch if locked else (layer * steps + t) * batch
            outputs.append(h * mask(purposes["dropout"], rows, batch, hidden, training.get("dropout", 0), seed, update))
        x = torch.stack(outputs)
        last_h.append(h)
        last_c.append(c)
    loss = functional.cross_entropy(model.decoder(x).flatten(0, 1), targets.flatten())
    y = torch.stack(hidden_vectors)
    changes = ((y[1:] - y[:-1])**2).sum() / y.numel()
    (loss + training.get("activationPenalty", 0) * (y**2).mean() + training.get("changePenalty", 0) * changes).backward()
    return {
        "name": name,
        "options": {"cell": cell, "hidden": hidden, "layers": layers, "embedding": embedding},
        "training": training, "seed": seed, "update": update,
        "vocabulary": vocabulary, "batch": batch, "steps": steps,
        "inputs": inputs.flatten().tolist(), "targets": targets.flatten().tolist(),
        "state": [numbers(layer) for s in states for layer in s],
        "parameters": table(model.learned()), "loss": float(loss),
        "lastState": [numbers(layer) for layer in last_h + last_c],
        "gradients": table({n: p.grad for n, p in model.learned().items()}),
    }


def cross_entropy():
    torch.manual_seed(100)
    rows = [
        (torch.randn(9) * 3).float().double(),
        torch.tensor([80.0, -80.0, 0.0, 79.5]),
        torch.tensor([1e4, 1e4, -1e4]),
        torch.tensor([-3e4, -3e4 + 1, -3e4 - 1, -3e4]),
        torch.zeros(2),
        torch.tensor([100.0, 0.0]),
    ]
    results = []
    for row in rows:
        row.requires_grad_()
        for target in (0, len(row) - 1):
            loss = functional.cross_entropy(row, torch.tensor(target))
            gradient, = torch.autograd.grad(loss, row)
            results.append({"logits": row.tolist(), "target": target, "loss": float(loss), "gradient": numbers(gradient)})
    return results


def write(value, indent=0):
    """JSON with one line for each list of numbers."""
    if isinstance(value, dict):
        inner = (",\n").join(" " * (indent + 1) + json.dumps(k) + ": " + write(v, indent + 1) for k, v in value.items())
        return "{\n" + inner + "\n" + " " * indent + "}"
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return "[\n" + ",\n".join(" " * (indent + 1) + write(v, indent + 1) for v in value) + "\n" + " " * indent + "]"
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    cases = [case(i, *c) for i, c in enumerate(CASES)]
    sys.stdout.write(write({
        "torch": torch.__version__, "cases": cases, "regularised": [regularised(i, *c) for i, c in enumerate(REGULARISED)],
        "crossEntropy": cross_entropy()}) + "\n")

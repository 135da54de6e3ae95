"""Reads and writes Unroll's model files with PyTorch and Python's own json and struct: no safetensors package, no Unroll.

    python3 model_file.py evaluate MODEL TEXT    the loss of a model on a text, as JSON
    python3 model_file.py write MODEL TEXT       trains a small torch.nn model for a moment and writes it; see --help
    python3 model_file.py losses [FOLDER]        the losses of a folder's models on its text.txt, as JSON

The files in model_file/ are of version 1 of the format and stay as they are: what Unroll 0.1 and an earlier version of this
script wrote must always load. Their losses are PyTorch's:

    python3 model_file.py losses > model_file/losses.json
"""
import argparse
import collections
import json
import pathlib
import re
import struct
import sys

import torch
from torch import nn
from torch.nn import functional

KEPT = pathlib.Path(__file__).parent / "model_file"

# The options that docs/model-file.md names, with their defaults.
OPTIONS = {
    "cell": "lstm", "hidden": 256, "layers": 1, "embedding": 0, "activation": "tanh", "resetGate": "after", "init": "uniform",
    "forgetBias": 0, "biases": "two", "inputNgrams": 0, "outputNgrams": 0, "ngramCount": 2, "ngramRows": 1000000, "adaptiveSoftmax": 0, "tie": False,
}

TEXT_OPTIONS = {"tokens": "character", "clean": "none", "documents": "none"}


class LanguageModel(nn.Module):
    """Embedding or one-hot rows, torch.nn's recurrent layers, a linear decoder: the names of the file are its own."""

    def __init__(self, options, vocabulary_size):
        super().__init__()
        self.options = options
        self.vocabulary_size = vocabulary_size
        hidden, embedding = options["hidden"], options["embedding"]
        if embedding:
            self.embedding = nn.Embedding(vocabulary_size, embedding)
        settings = {"input_size": embedding or vocabulary_size, "hidden_size": hidden, "num_layers": options["layers"]}
        if options["cell"] == "rnn":
            self.rnn = nn.RNN(nonlinearity=options["activation"], **settings)
        else:
            # torch.nn has no cifg: a GRU has tensors of the same shapes.
            self.rnn = {"gru": nn.GRU, "lstm": nn.LSTM, "cifg": nn.GRU}[options["cell"]](**settings)
        self.decoder = adaptive_softmax(hidden, options["adaptiveSoftmax"], vocabulary_size) if options["adaptiveSoftmax"] else nn.Linear(hidden, vocabulary_size)

    def forward(self, ids, state=None):
        """ids [T] -> logits [T, V] and the state after them."""
        if self.options["embedding"]:
            inputs = self.embedding(ids)
        else:
            inputs = functional.one_hot(ids, self.vocabulary_size).to(self.decoder.weight.dtype)
        if self.options["cell"] == "gru" and self.options["resetGate"] == "before":
            outputs, state = self.reset_before(inputs, state)
        elif self.options["cell"] == "cifg":
            outputs, state = self.coupled(inputs, state)
        else:
            outputs, state = self.rnn(inputs.unsqueeze(1), state)
            outputs = outputs.squeeze(1)
        return (self.decoder.log_prob(outputs) if self.options["adaptiveSoftmax"] else self.decoder(outputs)), state

    def reset_before(self, inputs, state):
        """The GRU that torch.nn does not have: its reset gate stands before the recurrent product."""
        states = list(state) if state is not None else [torch.zeros(self.options["hidden"]).to(inputs)] * self.options["layers"]
        for layer in range(self.options["layers"]):
            weight_ih, weight_hh, bias_ih, bias_hh = (
                getattr(self.rnn, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
            (r_i, z_i, n_i), (r_h, z_h, n_h) = (inputs @ weight_ih.T + bias_ih + bias_hh).chunk(3, 1), weight_hh.chunk(3)
            h, outputs = states[layer], []
            for t in range(len(inputs)):
                r = torch.sigmoid(r_i[t] + r_h @ h)
                z = torch.sigmoid(z_i[t] + z_h @ h)
                n = torch.tanh(n_i[t] + n_h @ (r * h))
                h = (1 - z) * n + z * h
                outputs.append(h)
            inputs, states[layer] = torch.stack(outputs), h
        return inputs, states

    def coupled(self, inputs, state):
        """The LSTM that torch.nn does not have: its input gate is one minus its forget gate; gates f g o."""
        zeros = torch.zeros(self.options["hidden"]).to(inputs)
        states = list(state) if state is not None else [(zeros, zeros)] * self.options["layers"]
        for layer in range(self.options["layers"]):
            weight_ih, weight_hh, bias_ih, bias_hh = (
                getattr(self.rnn, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
            from_input = inputs @ weight_ih.T + bias_ih + bias_hh
            (h, c), outputs = states[layer], []
            for t in range(len(inputs)):
                f, g, o = (from_input[t] + weight_hh @ h).chunk(3)
                f, g, o = torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
                c = f * c + (1 - f) * g
                h = o * torch.tanh(c)
                outputs.append(h)
            inputs, states[layer] = torch.stack(outputs), (h, c)
        return inputs, states


def adaptive_softmax(hidden, head, vocabulary_size):
    """torch's own, with the clusters and the lengths of vectors that docs/model-file.md names."""
    borders = [head]
    while borders[-1] < vocabulary_size:
        borders.append(min(borders[-1] + min(borders[-1], 2048), vocabulary_size))
    softmax = nn.AdaptiveLogSoftmaxWithLoss(hidden, vocabulary_size, borders[:-1], head_bias=True)
    for cluster, (start, end) in enumerate(zip(borders, borders[1:])):
        length = hidden // 2
        while start // 4 >= head:
            start, length = start // 4, length // 2
        length = min(max(length, 16), hidden)
        softmax.tail[cluster] = nn.Sequential(nn.Linear(hidden, length, bias=False), nn.Linear(length, end - borders[cluster], bias=False))
    return softmax


def read(path):
    """The metadata and the tensors of a file."""
    data = bytearray(pathlib.Path(path).read_bytes())
    length, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = torch.frombuffer(data[begin:end] or bytearray(4), dtype=torch.float32)[:(end - begin) // 4].reshape(entry["shape"])
    return metadata, tensors


def read_text(path):
    return pathlib.Path(path).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")


def shape(metadata):
    """The model's shape in the words of version 2."""
    options = json.loads(metadata["options"])
    if metadata["version"] == "1":
        options.pop("dropout", None)
        options["biases"] = {"double": "two", "single": "one"}[options.pop("bias", "double")]
    return options


def load(path):
    """A model, its vocabulary and how it reads text."""
    metadata, tensors = read(path)
    if metadata["format"] != "unroll" or metadata["version"] not in ("1", "2"):
        sys.exit(f"{path} is not a model file of version 1 or 2.")
    vocabulary = json.loads(metadata["vocabulary"])
    model = LanguageModel({**OPTIONS, **shape(metadata)}, len(vocabulary))
    model.load_state_dict({name: values for name, values in tensors.items() if not name.startswith("training.")}, strict=True)
    return model.double().eval(), vocabulary, {**TEXT_OPTIONS, **json.loads(metadata["text"])}


def encode(text, vocabulary, options):
    """The ids of a text whose tokens are characters."""
    if options["tokens"] != "character":
        sys.exit("This script splits a text into characters only.")
    if options["clean"] == "textbook":
        text = "".join(re.sub("[^A-Za-z]+", " ", line).strip().lower() for line in text.split("\n"))
    ids = {token: id for id, token in enumerate(vocabulary)}
    return torch.tensor([ids.get(character, 0) for character in text])


@torch.no_grad()
def evaluate(path, text):
    """The mean cross-entropy in nats of every token but the first, the state carried from the first to the last."""
    model, vocabulary, options = load(path)
    ids = encode(text, vocabulary, options)
    loss, state = 0.0, None
    for start in range(0, len(ids) - 1, 1024):
        inputs, targets = ids[start:start + 1024], ids[start + 1:start + 1025]
        logits, state = model(inputs[:len(targets)], state)
        loss += functional.cross_entropy(logits, targets, reduction="sum").item()
    return {"tokens": len(ids) - 1, "loss": loss / (len(ids) - 1)}


def write(path, options, text, updates, seed):
    """Trains a model on a text for a moment, so that its loss depends on everything in it, and writes it."""
    torch.manual_seed(seed)
    options = {**OPTIONS, **options}
    vocabulary = ["<unk>"] + [character for character, _ in collections.Counter(text).most_common()]
    ids = encode(text, vocabulary, TEXT_OPTIONS)
    model = LanguageModel(options, len(vocabulary))
    if options["tie"]:
        model.decoder.weight = model.embedding.weight
    if options["biases"] == "one":
        for layer in range(options["layers"]):
            bias = getattr(model.rnn, f"bias_hh_l{layer}")
            bias.requires_grad_(False).zero_()
    optimizer = torch.optim.Adam([parameter for parameter in model.parameters() if parameter.requires_grad], lr=0.03)
    for _ in range(updates):
        optimizer.zero_grad()
        logits, _ = model(ids[:-1])
        loss = functional.cross_entropy(logits, ids[1:])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    save(path, options, vocabulary, model.state_dict())
    return {"parameters": sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad), "loss": loss.item()}


def save(path, options, vocabulary, tensors):
    """Writes a file: byte for byte what Unroll writes for the same model."""
    metadata = {"format": "unroll", "version": "2", "options": compact(options), "text": compact(TEXT_OPTIONS), "vocabulary": compact(vocabulary)}
    header, data = {"__metadata__": metadata}, b""
    for name, values in tensors.items():
        content = struct.pack(f"<{values.numel()}f", *values.flatten().tolist())
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = compact(header).encode()
    text += b" " * (-(8 + len(text)) % 64)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("evaluate")
    verb.add_argument("model")
    verb.add_argument("text")
    verb = verbs.add_parser("write")
    verb.add_argument("model")
    verb.add_argument("text")
    verb.add_argument("--options", type=json.loads, default={}, help='a JSON object such as {"cell":"gru","hidden":16}')
    verb.add_argument("--updates", type=int, default=30)
    verb.add_argument("--seed", type=int, default=1)
    verb = verbs.add_parser("losses")
    verb.add_argument("folder", nargs="?", type=pathlib.Path, default=KEPT)
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    if arguments.verb == "evaluate":
        print(json.dumps(evaluate(arguments.model, read_text(arguments.text))))
    elif arguments.verb == "write":
        print(json.dumps(write(arguments.model, arguments.options, read_text(arguments.text), arguments.updates, arguments.seed)))
    else:
        text = read_text(arguments.folder / "text.txt")
        print(json.dumps({path.stem: evaluate(path, text) for path in sorted(arguments.folder.glob("*.safetensors"))}, indent=2))


if __name__ == "__main__":
    main()

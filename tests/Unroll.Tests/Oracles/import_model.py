"""Models as people make them with torch.nn, under names of their own, in files of safetensors, and what PyTorch predicts by them.

    python3 import_model.py FOLDER      writes the files of import_model/ and predictions.json

No safetensors package is needed: the format is a header of JSON and the numbers one after another.
"""
import json
import pathlib
import struct
import sys

import torch
from torch import nn
from torch.nn import functional

from model_file import adaptive_softmax

TEXT = "the time traveller (for so it will be convenient to speak of him) was expounding a recondite matter to us."
DTYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}


class OneHot(nn.Module):
    """A character model without an embedding."""

    def __init__(self, vocabulary, hidden):
        super().__init__()
        self.lstm = nn.LSTM(vocabulary, hidden)
        self.fc = nn.Linear(hidden, vocabulary)

    def forward(self, ids):
        outputs, _ = self.lstm(functional.one_hot(ids, self.fc.out_features).to(self.fc.weight.dtype).unsqueeze(1))
        return functional.log_softmax(self.fc(outputs.squeeze(1)), -1)


class Words(nn.Module):
    """A model of words, encoder and decoder tied."""

    def __init__(self, vocabulary, hidden):
        super().__init__()
        self.encoder = nn.Embedding(vocabulary, hidden)
        self.rnn = nn.GRU(hidden, hidden, num_layers=2)
        self.decoder = nn.Linear(hidden, vocabulary)
        self.decoder.weight = self.encoder.weight

    def forward(self, ids):
        outputs, _ = self.rnn(self.encoder(ids).unsqueeze(1))
        return functional.log_softmax(self.decoder(outputs.squeeze(1)), -1)


class Bare(nn.Module):
    """A plain RNN without any bias."""

    def __init__(self, vocabulary, embedding, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, embedding)
        self.net = nn.ModuleDict({"rnn": nn.RNN(embedding, hidden, nonlinearity="relu", bias=False)})
        self.out = nn.Linear(hidden, vocabulary, bias=False)

    def forward(self, ids):
        outputs, _ = self.net["rnn"](self.embed(ids).unsqueeze(1))
        return functional.log_softmax(self.out(outputs.squeeze(1)), -1)


class Adaptive(nn.Module):
    """An adaptive softmax, with the clusters that docs/model-file.md names."""

    def __init__(self, vocabulary, hidden):
        super().__init__()
        self.emb = nn.Embedding(vocabulary, 6)
        self.gru = nn.GRU(6, hidden)
        self.softmax = adaptive_softmax(hidden, 32, vocabulary)

    def forward(self, ids):
        outputs, _ = self.gru(self.emb(ids).unsqueeze(1))
        return self.softmax.log_prob(outputs.squeeze(1))


def save(path, tensors, metadata):
    """What safetensors.torch.save_file writes."""
    header, data = {"__metadata__": metadata}, b""
    for name, values in tensors.items():
        content = values.contiguous().view(torch.int16 if values.dtype != torch.float32 else torch.int32).numpy().tobytes()
        header[name] = {"dtype": DTYPES[values.dtype], "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


@torch.no_grad()
def main(folder):
    characters = sorted(set(TEXT))
    words = ["the", "<unk>", "time", " ", "traveller", ",", "<eos>"]
    many = ["<unk>"] + characters + [chr(code) for code in range(0x4E00, 0x4E00 + 80 - 1 - len(characters))]
    cases = {
        "lstm-one-hot": (OneHot, (len(characters), 7), torch.float32, "", characters, list(TEXT)),
        "words-tied-2-layers-f16": (Words, (len(words), 5), torch.float16, "module.", words, ["the", " ", "time", " ", "traveller", ",", " ", "time"]),
        "rnn-relu-bare-bf16": (Bare, (len(characters), 4, 6), torch.bfloat16, "", characters, list(TEXT)),
        "gru-adaptive": (Adaptive, (len(many), 9), torch.float32, "_orig_mod.", many, list(TEXT)),
    }
    predictions = {}
    for seed, (name, (kind, sizes, dtype, prefix, vocabulary, tokens)) in enumerate(cases.items()):
        torch.manual_seed(seed)
        model = kind(*sizes)
        for parameter in model.parameters():
            parameter.copy_((parameter * 3).to(dtype))  # larger weights, as training makes them
        tensors = {prefix + key: values.to(dtype) for key, values in model.state_dict().items()}
        metadata = {"format": "pt"}
        if kind is Words:  # of two names of one tensor safetensors.torch.save_model keeps one
            del tensors[prefix + "decoder.weight"]
            metadata[prefix + "decoder.weight"] = prefix + "encoder.weight"
            metadata["vocab"] = json.dumps({token: id for id, token in enumerate(vocabulary)})
        else:
            (folder / f"{name}.json").write_text(json.dumps(vocabulary))
        save(folder / f"{name}.safetensors", tensors, metadata)
        ids = torch.tensor([vocabulary.index(token) for token in tokens])
        logs = model.double()(ids)
        predictions[name] = {
            "tokens": tokens,
            "logProbabilities": logs[:-1].gather(1, ids[1:, None]).squeeze(1).tolist(),
            "last": dict(zip(vocabulary, logs[-1].tolist())),
        }
    (folder / "predictions.json").write_text(json.dumps(predictions, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))

# A model that `unroll export --onnx` wrote, in Python: reads a prefix, then writes characters by their probabilities, the states going
# from call to call.
#   unroll export model.safetensors --onnx model.onnx
#   python samples/onnx-model.py model.onnx "time traveller"
# Needs the packages onnxruntime and numpy.
import json
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1])
prefix = sys.argv[2] if len(sys.argv) > 2 else "the "
vocabulary = json.loads(session.get_modelmeta().custom_metadata_map["vocabulary"])
number = {token: i for i, token in enumerate(vocabulary)}

# Everything but the tokens is state: zeros at first, or -1 for tokens that there are not.
state = {}
for value in session.get_inputs():
    if value.name != "ids":
        shape = [1 if isinstance(length, str) else length for length in value.shape]
        state[value.name] = np.full(shape, -1, np.int64) if value.name == "recent" else np.zeros(shape, np.float32)

names = [output.name for output in session.get_outputs()]
random = np.random.default_rng(1)
ids = [number[character] for character in prefix if character in number]
print(prefix, end="")
for _ in range(200):
    said = dict(zip(names, session.run(names, {"ids": np.array([ids], np.int64), **state})))
    state = {name: said["next_" + name] for name in state}
    probabilities = np.exp(said["log_probabilities"][0, -1] / 0.8)  # temperature 0.8
    probabilities[0] = 0  # what the model does not know
    next = int(random.choice(len(vocabulary), p=probabilities / probabilities.sum()))
    print(vocabulary[next], end="")
    ids = [next]
print()

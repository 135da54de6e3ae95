#!/usr/bin/env bash
# What `unroll train TEXT --budget TIME` makes of a text, with nothing else said: trains, measures, reads along over the last tenth,
# and prints a row of the table in README.md. Usage: learn.sh TEXT TIME [SEED]
# Alone on the machine, or the figures are those of a busier one. ADAPT=no leaves out the reading along, which takes a while.
set -euo pipefail
[[ $# -ge 2 ]] || { sed -n 's/^# .*Usage: /usage: /p' "${BASH_SOURCE[0]}"; exit 2; }
text=$(realpath "$1") budget=$2 seed=${3:-1}
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"

before=${EPOCHREALTIME/./}
"$unroll" train "$text" --budget "$budget" --seed "$seed" --out "$scratch/model.safetensors" --json >"$scratch/train.json" 2>"$scratch/log" || { cat "$scratch/log"; exit 1; }
wall=$(((${EPOCHREALTIME/./} - before) / 1000))

# The last tenth by characters, as train takes it.
python3 - "$text" "$scratch/last.txt" <<'PYTHON'
import sys
text = open(sys.argv[1], encoding="utf-8", newline="").read()
open(sys.argv[2], "w", encoding="utf-8", newline="").write(text[len(text) - int(len(text) * 0.1):])
PYTHON
if [[ ${ADAPT:-yes} == yes ]]; then
    "$unroll" evaluate "$scratch/model.safetensors" "$scratch/last.txt" --adapt --json >"$scratch/adapt.json" 2>"$scratch/log"
else
    echo '{"loss": null}' >"$scratch/adapt.json"
fi
"$unroll" inspect "$scratch/model.safetensors" --json >"$scratch/model.json"
python3 - "$scratch" "$(basename "$text")" "$budget" "$seed" "$wall" <<'PYTHON'
import json, sys
scratch, text, budget, seed, wall = sys.argv[1:]
read = lambda name: json.load(open(f"{scratch}/{name}.json"))
train, adapt, model = read("train"), read("adapt"), read("model")
nats = lambda loss: f"{loss:.4f}" if loss is not None else "–"
whole = train["validation"]["loss"]
alone = (train["networkValidation"] or train["validation"])["loss"]
size = f'{train["members"]} × {model["options"]["hidden"]}' if train["members"] > 1 else f'{model["options"]["hidden"]}'
print(f'| {text} | {budget} | {seed} | {size} | {nats(whole)} | {nats(alone)} | {nats(adapt["loss"])} | {train["updates"]:,} | {int(wall) / 1000:.1f} s |')
PYTHON

#!/usr/bin/env bash
# What each part of the rules' choice is worth: one minute of one core with all of it, then with one thing changed at a time. Two runs
# at a time, each on its core. Prints the loss of the whole model, and of one network alone. Usage: worth.sh TEXT...
set -euo pipefail
[[ $# -ge 1 ]] || { sed -n 's/^# .*Usage: /usage: /p' "${BASH_SOURCE[0]}"; exit 2; }
texts=("$@")
for i in "${!texts[@]}"; do texts[i]=$(realpath "${texts[i]}"); done
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"

train() { # TEXT NUMBER OPTIONS
    local name=$scratch/$(basename "$1").$2
    # shellcheck disable=SC2086
    "$unroll" train "$1" --budget 1m --threads 1 --plot none $3 --out "$name.safetensors" --json >"$name.json" 2>"$name.log" || cat "$name.log"
    python3 -c '
import json, sys
train = json.load(open(sys.argv[1]))
whole = train["validation"]["loss"]
alone = (train["networkValidation"] or train["validation"])["loss"]
print(f"| {sys.argv[2]} | {sys.argv[3]} | {whole:.4f} | {alone:.4f} |")' "$name.json" "$(basename "$1")" "${3:-the rules}"
}
changes=("" "--output-ngrams 0" "--cell lstm" "--forget-bias 1" "--state-dropout 0" "--activation-penalty 0" "--ngram-dropout 0" "--members 2" "--lr 0.005")
for text in "${texts[@]}"; do
    for i in "${!changes[@]}"; do
        while (($(jobs -rp | wc -l) >= 2)); do wait -n; done
        train "$text" "$i" "${changes[i]}" &
    done
done
wait

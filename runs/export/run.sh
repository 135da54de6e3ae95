#!/usr/bin/env bash
# What pages that hold models weigh, say and do: trains five models, exports each at 16 and 8 bits, and opens the pages in Chromium, where
# the last 10,000 characters of the model's text are read, and 5,000 written. Prints the table in README.md. Needs chromium, node and npm.
# Usage: run.sh CHINESE-TEXT [FOLDER]   models and pages stay in FOLDER, if one is given; those that are there are not made again.
set -euo pipefail
[[ $# -ge 1 ]] || { sed -n 's/^# Usage: /usage: /p' "${BASH_SOURCE[0]}"; exit 2; }
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")") chinese=$(realpath "$1") kept=${2:+$(realpath -m "$2")}
source "$here/../learning/prepare.sh"
folder=${kept:-$scratch}
mkdir -p "$folder"
[[ -d tests/browser/node_modules/wabt ]] || npm ci --prefix tests/browser --no-audit --no-fund >/dev/null

make() { # NAME TEXT OPTIONS
    [[ -s $folder/$1.safetensors ]] || "$unroll" train "${@:2}" --plot none --sample-every 0 --out "$folder/$1.safetensors" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
    python3 - "$("$unroll" data get "${2%.txt}" 2>/dev/null || echo "$2")" "$folder/$1.txt" <<'PYTHON'
import sys
text = open(sys.argv[1], encoding="utf-8", newline="").read()
open(sys.argv[2], "w", encoding="utf-8", newline="").write(text[-10001:])
PYTHON
    "$unroll" evaluate "$folder/$1.safetensors" "$folder/$1.txt" --memory off --per-token --alternatives 0 --json >"$folder/$1.json" 2>/dev/null
    for bits in 16 8; do
        "$unroll" export "$folder/$1.safetensors" --html "$folder/$1-$bits.html" --bits $bits --check "$folder/$1.txt" --json >"$folder/$1-$bits.json" 2>/dev/null
    done
}
alone=(--members 1 --memory 0 --input-ngrams 0 --output-ngrams 0)
make lstm tiny-shakespeare --cell lstm --hidden 512 --embedding 0 "${alone[@]}" --updates 2500
make gru timemachine --cell gru --hidden 192 --layers 2 --embedding 32 "${alone[@]}" --updates 800
make rnn timemachine --cell rnn --hidden 256 --embedding 0 "${alone[@]}" --updates 2000
make chinese "$chinese" --cell cifg --hidden 256 --embedding 96 "${alone[@]}" --updates 2000
make chosen timemachine --budget 1m
node "$here/measure.mjs" "$folder" lstm gru rnn chinese chosen

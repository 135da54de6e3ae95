#!/usr/bin/env bash
# What a model of one text is worth for another, shorter one: trains on the first, then on the second, beginning with nothing, with
# that model, and with that model and its vocabulary as it is. Prints a row of the table in README.md for each, measured on the second
# text's last tenth in bits per character. Usage: compare.sh OLD "OPTIONS" NEW "OPTIONS"...
# OPTIONS are those of `unroll train`; each further set makes three rows more. START=FILE takes a model that is there already for OLD's.
set -euo pipefail
[[ $# -ge 4 ]] || { sed -n 's/^# .*Usage: /usage: /p' "${BASH_SOURCE[0]}"; exit 2; }
old=$(realpath "$1") old_options=$2 new=$(realpath "$3") start=${START:+$(realpath "$START")}
shift 3
source "$(dirname "${BASH_SOURCE[0]}")/../learning/prepare.sh"

if [[ -z $start ]]; then
    start=$scratch/start.safetensors
    # shellcheck disable=SC2086
    "$unroll" train "$old" $old_options --plot none --out "$start" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
fi

# The last tenth by characters, as train takes it.
python3 - "$new" "$scratch/last.txt" <<'PYTHON'
import sys
text = open(sys.argv[1], encoding="utf-8", newline="").read()
open(sys.argv[2], "w", encoding="utf-8", newline="").write(text[len(text) - int(len(text) * 0.1):])
PYTHON
"$unroll" evaluate "$start" "$scratch/last.txt" --json >"$scratch/before.json" 2>"$scratch/log" || { cat "$scratch/log"; exit 1; }
python3 -c '
import json, sys
bits = json.load(open(sys.argv[1]))["bitsPerCharacter"]
print(f"| {sys.argv[2]} | the starting model as it is | | {bits:.4f} | | |")' "$scratch/before.json" "$(basename "$new")"

train() { # NAME OPTIONS
    # shellcheck disable=SC2086
    "$unroll" train "$new" $2 --plot none --sample-every 0 --out "$scratch/new.$RANDOM" --json >"$scratch/new.json" 2>"$scratch/log" || { cat "$scratch/log"; exit 1; }
    python3 -c '
import json, sys
train = json.load(open(sys.argv[1]))
whole, alone = (loss["bitsPerCharacter"] for loss in (train["validation"], train["networkValidation"] or train["validation"]))
updates = train["updates"]
print(f"| {sys.argv[2]} | {sys.argv[3]} | `{sys.argv[4]}` | {whole:.4f} | {alone:.4f} | {updates:,} |")' \
        "$scratch/new.json" "$(basename "$new")" "$1" "$3"
}
for options in "$@"; do
    train "from nothing" "$options" "$options"
    train "\`--from\`" "--from $start $options" "$options"
    train "\`--from\`, \`--new-tokens off\`" "--from $start --new-tokens off $options" "$options"
done

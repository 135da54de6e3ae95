#!/usr/bin/env bash
# The table in README.md: a text's last tenth, and 1,000 single lines of a log, as Unroll and as other programs compress them.
# Usage: compare.sh TEXT LOGS [BUDGET]
# LOGS is a folder that runs/evaluating/web-log.py has filled; models learn for BUDGET [3m] each, and are kept beside the logs as
# text.safetensors and log.safetensors, where a second run finds them.
# Needs Debian's packages xz-utils, zstd, brotli and p7zip-full.
set -euo pipefail
[[ $# -ge 2 ]] || { sed -n 's/^# Usage: /usage: /p' "${BASH_SOURCE[0]}"; exit 2; }
text=$(realpath "$1") logs=$(realpath "$2") budget=${3:-3m}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 NO_COLOR=1 LC_ALL=C.UTF-8
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unroll=$(realpath "${UNROLL:-src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli}")
[[ -x $unroll ]] || dotnet build -c Release src/Unroll.Cli >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
say() { printf '| %s | %s |\n' "$1" "$2"; }
size() { stat -c %s "$1"; }
# What PPMd itself takes, without the archive around it.
packed() { 7z a -m0=PPMd:o=6:mem=256m "$scratch/a.7z" "$1" >/dev/null; 7z l -slt "$scratch/a.7z" | awk '/^Packed Size = / { n += $4 } END { print n + 0 }'; rm "$scratch/a.7z"; }
model() { # TEXT NAME
    [[ -e $logs/$2.safetensors ]] || "$unroll" train "$1" --budget "$budget" --out "$logs/$2.safetensors" --plot none >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
}

# A text: the first nine tenths are what every model and dictionary has seen.
python3 - "$text" "$scratch" <<'PYTHON'
import sys
text = open(sys.argv[1], encoding="utf-8", newline="").read()
last = int(len(text) * 0.1)
for name, part in ("first.txt", text[:-last]), ("last.txt", text[-last:]):
    open(f"{sys.argv[2]}/{name}", "w", encoding="utf-8", newline="").write(part)
PYTHON
model "$scratch/first.txt" text
(
    cd "$scratch"
    split -b 4096 first.txt piece.
    zstd -q --train piece.* --maxdict=112640 -o dictionary 2>/dev/null
    echo "last tenth of $(basename "$text"), $(size last.txt) bytes"
    say "xz -9e" "$(xz -9e -c last.txt | wc -c)"
    say "zstd --ultra -19" "$(zstd -q --ultra -19 -c last.txt | wc -c)"
    say "zstd --ultra -19, dictionary trained on the rest" "$(zstd -q --ultra -19 -D dictionary -c last.txt | wc -c)"
    say "zstd --ultra -19, the rest as its dictionary" "$(zstd -q --ultra -19 --long=27 --patch-from=first.txt -c last.txt | wc -c)"
    say "brotli -q 11" "$(brotli -q 11 -c last.txt | wc -c)"
    say "PPMd" "$(packed last.txt)"
    cat first.txt last.txt >all.txt
    say "PPMd, after the rest" "$(($(packed all.txt) - $(packed first.txt)))"
    for options in "" "--segments 1" "--memory off" "--adapt"; do
        "$unroll" compress last.txt --model "$logs/text.safetensors" --replace $options --json >json 2>/dev/null
        "$unroll" expand last.txt.unroll --model "$logs/text.safetensors" --out back.txt --replace $([[ $options == *memory* ]] && echo "$options") >/dev/null 2>&1
        cmp last.txt back.txt
        say "unroll compress $options" "$(size last.txt.unroll)"
    done
    "$unroll" evaluate "$logs/text.safetensors" last.txt --json 2>/dev/null | python3 -c 'import json, sys; r = json.load(sys.stdin); print("what unroll evaluate says:", round(r["bitsPerByte"] * r["bytes"] / 8), "bytes")'
)

# Single lines, each by itself. Dictionaries and the model have seen an earlier log.
model "$logs/ordinary.log" log
(
    cd "$scratch"
    mkdir lines seen small back
    python3 - "$logs" <<'PYTHON'
import sys
lines = open(f"{sys.argv[1]}/today.log", "rb").read().splitlines(keepends=True)
for i, line in enumerate(lines[::len(lines) // 1000][:1000]):
    open(f"lines/{i:04}", "wb").write(line)
for i, line in enumerate(open(f"{sys.argv[1]}/ordinary.log", "rb").read().splitlines(keepends=True)):
    open(f"seen/{i:05}", "wb").write(line)
PYTHON
    find seen -type f >list
    zstd -q --train --filelist list --maxdict=112640 -o lines.dictionary 2>/dev/null
    each() { for file in lines/*; do "$@" <"$file" | wc -c; done | awk '{ n += $1 } END { print n }'; }
    echo "1,000 lines of a log, $(cat lines/* | wc -c) bytes"
    say "xz -9e" "$(each xz -9e)"
    say "zstd --ultra -19" "$(each zstd -q --ultra -19 --no-check)"
    say "zstd --ultra -19, dictionary trained on an earlier log" "$(each zstd -q --ultra -19 --no-check --no-dictID -D lines.dictionary)"
    say "brotli -q 11" "$(each brotli -q 11 -c)"
    say "PPMd" "$(for file in lines/*; do packed "$file"; done | awk '{ n += $1 } END { print n }')"
    for options in "" "--memory off"; do
        rm -f small/* back/*
        "$unroll" compress lines/* --model "$logs/log.safetensors" --out small $options >figures 2>/dev/null
        "$unroll" expand small/* --model "$logs/log.safetensors" --out back $options >/dev/null 2>&1
        diff -r lines back
        say "unroll compress $options" "$(cat small/* | wc -c)"
    done
)

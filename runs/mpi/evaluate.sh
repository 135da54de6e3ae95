#!/usr/bin/env bash
# How many tokens a second `unroll evaluate` scores line by line, and document by document, on one process with two threads and on two
# ranks of one thread, in turns, on one machine of two cores; and whether both print the same. Needs Debian's openmpi-bin and a build:
# dotnet build -c Release src/Unroll.Cli
# Usage: runs/mpi/evaluate.sh [ROUNDS [HIDDEN [COPIES]]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
rounds=${1:-3} hidden=${2:-256} copies=${3:-150}
unroll=(dotnet "$PWD/src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli.dll")
export TERM=dumb OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The built-in story, a sentence a line, every copy with its number.
tr '\n' ' ' <src/Unroll/Data/Sources/Story.txt | sed 's/[.] */.\n/g' >"$folder/story.txt"
for ((i = 0; i < copies; i++)); do sed "s/^/$((i * 7919 % 10007)) /" "$folder/story.txt"; done >"$folder/lines.txt"
cd "$folder"
train() { "${unroll[@]}" train lines.txt --preset default --cell gru --hidden "$hidden" --updates 100 --max-tokens 200000 --validation 0 --sample-every 0 --plot none "$@" >/dev/null 2>&1; }
train --out lines.safetensors
train --out documents.safetensors --documents line
echo "$(wc -c <lines.txt) bytes, $(wc -l <lines.txt) lines"
speed() { sed -n 's/.*"tokensPerSecond": *\([0-9]*\).*/\1/p' "$1"; }
measure() { # NAME MODEL OPTIONS
    local name=$1 model=$2
    shift 2
    for ((round = 1; round <= rounds; round++)); do
        "${unroll[@]}" evaluate "$model" lines.txt --json --threads 2 "$@" >one.json 2>/dev/null
        mpirun --oversubscribe --bind-to none -n 2 "${unroll[@]}" evaluate "$model" lines.txt --json --threads 1 "$@" >two.json 2>/dev/null
        cmp <(grep -v tokensPerSecond one.json) <(grep -v tokensPerSecond two.json)
        echo "$name: 1 process of 2 threads $(speed one.json), 2 ranks of 1 thread $(speed two.json) tokens a second: $(awk -v a="$(speed one.json)" -v b="$(speed two.json)" 'BEGIN { printf "%.2f", b / a }')"
    done
}
measure "lines" lines.safetensors --per-line --top 20
measure "documents" documents.safetensors

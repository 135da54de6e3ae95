#!/usr/bin/env bash
# Trains a preset on the first 10,000 characters of The Time Machine, then prints its curve as epoch:perplexity.
# Usage: train.sh PRESET [further options of `unroll train`]. What it makes stands in artifacts/runs/textbook.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
preset=$1
shift
folder=artifacts/runs/textbook
mkdir -p "$folder"
rm -f "$folder/$preset".{safetensors,svg,jsonl}
dotnet run -c Release --project src/Unroll.Cli -- train timemachine --preset "$preset" \
    --out "$folder/$preset.safetensors" --log "$folder/$preset.jsonl" "$@"
printf '%s:' "$preset"
sed -nE 's/.*"epoch":(10|50|100|150|200|250|300|350|400|450|500),.*"perplexity":([0-9.]+).*/\1 \2/p' "$folder/$preset.jsonl" |
    awk '{ printf " %d:%.2f", $1, $2 } END { print "" }'

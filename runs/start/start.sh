#!/usr/bin/env bash
# How long `unroll generate` of 50 characters takes from the shell and back: the whole process, as the installed tool and
# as the Release build, with the textbook's model (RNN, 512 units) and with a larger one (LSTM, 1024 units, 17 MB). Prints
# a table of medians. Usage: start.sh [RUNS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C
runs=${1:-21}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

dotnet build -c Release src/Unroll.Cli >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
dotnet pack -c Release -o "$scratch/packages" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
dotnet tool install --tool-path "$scratch/tool" --add-source "$scratch/packages" Unroll.Tool >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
tool=("$scratch/tool/unroll")
build=(dotnet src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli.dll)

"${tool[@]}" train --epochs 1 --out "$scratch/rnn.safetensors" >"$scratch/log" 2>&1
"${tool[@]}" train --preset textbook --cell lstm --hidden 1024 --epochs 1 --out "$scratch/lstm.safetensors" >"$scratch/log" 2>&1

source runs/start/measure.sh
# The median of the command's times in milliseconds, and the least and the most.
measure() { timings "$@" | awk '{ t[NR] = $1 } END { printf "%.0f (%.0f to %.0f)\n", t[int((NR + 1) / 2)], t[1], t[NR] }'; }
row() { echo "| $1 | $(measure "${tool[@]}" "${@:2}") | $(measure "${build[@]}" "${@:2}") |"; }

echo "Milliseconds of a whole process: median of $runs (least to most)."
echo
echo "| command | installed tool | Release build |"
echo "|---|---:|---:|"
row "\`generate\`, RNN 512, 50 characters" generate "$scratch/rnn.safetensors" --prefix "time traveller" --length 50
row "\`generate\`, LSTM 1024, 50 characters" generate "$scratch/lstm.safetensors" --prefix "time traveller" --length 50
row "\`--version\`" --version

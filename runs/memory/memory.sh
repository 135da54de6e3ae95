#!/usr/bin/env bash
# How much memory `unroll train` takes with the textbook's settings: on the built-in story, on a text ten times as long,
# and on all of that text instead of its first 10,000 characters. Then how often the garbage collector runs while a model
# learns. Linux only: the peak is VmHWM of /proc. Usage: memory.sh [EPOCHS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
epochs=${1:-20}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
dotnet build -c Release src/Unroll.Cli >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
for ((copy = 0; copy < 10; copy++)); do cat src/Unroll/Data/Sources/Story.txt; done >"$scratch/long.txt"

# The most memory that a training has resident at any time.
peak() {
    local most=0 now
    dotnet src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli.dll train "$@" --epochs "$epochs" --out "$scratch/model.safetensors" >"$scratch/log" 2>&1 &
    while now=$(awk '/^VmHWM/ { print $2 }' "/proc/$!/status" 2>/dev/null) && [[ -n $now ]]; do
        most=$now
        sleep 0.05
    done
    wait $! || { cat "$scratch/log" >&2; exit 1; }
    echo "$((most / 1024)) MB"
}

echo "Peak resident memory of a whole training, $epochs epochs:"
echo "  built-in story:                       $(peak)"
echo "  ten times as long:                    $(peak "$scratch/long.txt" --preset textbook)"
echo "  ten times as long, all of it:         $(peak "$scratch/long.txt" --preset textbook --max-tokens 0)"
echo
dotnet run runs/memory/collections.cs

#!/usr/bin/env bash
# The Arm64 kernels (NEON, four floats at a time) on an x64 machine: the tests run under QEMU, then models trained there are
# compared with models trained here, byte by byte. Needs Debian 12 on x64, the .NET 10 SDK and the network; installs
# nothing: all that it fetches lies in a temporary folder. Usage: run.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
quietly() { "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; return 1; }; }

source runs/arm64/emulator.sh
"${emulated[@]}" --version | head -1

# Inside the project's folder: some tests read its source.
for project in src/Unroll.Cli tests/Unroll.Tests; do
    quietly dotnet publish -c Release "$project" -r linux-arm64 --self-contained
done
quietly dotnet build -c Release src/Unroll.Cli
release=bin/Release/net10.0
failed=0

# Prints a step's name, its result and its seconds; of a failure everything it said.
step() {
    local start=$SECONDS result
    result=$("${@:2}" 2>&1) || failed=1
    printf '\n%s (%s s)\n%s\n' "$1" $((SECONDS - start)) "$result"
}

tests() {
    quietly "${emulated[@]}" tests/Unroll.Tests/$release/linux-arm64/publish/Unroll.Tests -noColor "$@" && grep -o 'Total: .*Skipped: [0-9]*' "$scratch/log"
}
scalar_tests() { DOTNET_EnableHWIntrinsic=0 UNROLL_TESTS_MOST_LANES=1 tests "$@"; }

# Trains there and here, and writes a text with either model.
compare() {
    local place program
    for place in there here; do
        program=(src/Unroll.Cli/$release/Unroll.Cli)
        if [[ $place == there ]]; then program=("${emulated[@]}" src/Unroll.Cli/$release/linux-arm64/publish/Unroll.Cli); fi
        rm -f "$scratch/$place.safetensors"
        quietly "${program[@]}" train --epochs 2 --plot none --out "$scratch/$place.safetensors" "$@" || return
        grep -o -m 1 'NEON\|AVX[-0-9]*\|scalar' "$scratch/log"
        quietly "${program[@]}" generate "$scratch/$place.safetensors" --length 200 --temperature 0.8 || return
        mv "$scratch/log" "$scratch/$place.txt"
    done
    cmp "$scratch"/{there,here}.safetensors && cmp "$scratch"/{there,here}.txt && echo "equal models, equal texts"
}

step "Fingerprints and kernels, four floats at a time" tests -class '*FingerprintTests' -class 'Unroll.Tests.Kernels.*'
step "Fingerprints and kernels, one float at a time" scalar_tests -class '*FingerprintTests' -class 'Unroll.Tests.Kernels.*'
# Those that are left out start another process, which this machine could not run.
step "All tests but those that start a process" tests -class- 'Unroll.Tests.Cli.*' -class- 'Unroll.Tests.Readme.*' \
    -class- '*VectorWidthTests' -method- '*AKilledWriterLeavesAWholeFile'
step "The textbook's RNN" compare
step "RNN with ReLU, embedding, two layers" compare --hidden 64 --activation relu --embedding 32 --layers 2 --lr 0.1
step "GRU, AdamW, cosine" compare --cell gru --hidden 96 --biases two --optimizer adamw --weight-decay 0.1 --schedule cosine --lr 0.01
step "LSTM, two layers, dropout, Adam" compare --cell lstm --hidden 96 --layers 2 --dropout 0.2 --optimizer adam --lr 0.01
exit "$failed"

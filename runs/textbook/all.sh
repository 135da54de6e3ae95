#!/usr/bin/env bash
# Every run of this folder, one after another; the curves alone are what it prints on standard output at the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
curves=$(mktemp -d)
trap 'rm -r "$curves"' EXIT
for run in rnn-sequential rnn-reset rnn-random rnn-concise gru-scratch gru-concise lstm-scratch lstm-concise lstm-two-layers; do
    "./$run.sh" "$@" | tee "$curves/$run"
done
printf '\n'
tail -q -n 1 "$curves"/*

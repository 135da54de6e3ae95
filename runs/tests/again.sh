#!/usr/bin/env bash
# Runs all tests again and again: a test that depends on how fast the machine is, or on luck, fails sooner or later. The
# last rounds share the machine with two busy loops. Prints a line for each round and one for all;
# a round that fails leaves its output in the folder that is named. Usage: again.sh [ROUNDS [BUSY-ROUNDS]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 NO_COLOR=1 DOTNET_CLI_UI_LANGUAGE=en
rounds=${1:-30}
busy_rounds=${2:-10}
most_seconds=3600 # a round that takes longer is broken off

scratch=$(mktemp -d)
loops=()
finish() {
    if ((${#loops[@]})); then kill "${loops[@]}" 2>/dev/null || true; fi
    if ((failures == 0)); then rm -rf "$scratch"; else echo "What the rounds that failed printed lies in $scratch."; fi
}
failures=0
trap finish EXIT
trap 'exit 130' INT TERM HUP

total() { awk '/^Test run summary/ { seen = 1 } seen && $1 == "'"$1"':" { n = $2 } END { print n + 0 }' "$log"; }

dotnet build >"$scratch/build.txt" || { cat "$scratch/build.txt"; exit 1; }
echo "| round | beside | seconds | passed | failed | skipped |"
echo "|---:|---|---:|---:|---:|---:|"
least=
most=0
for ((round = 1; round <= rounds; round++)); do
    beside=nothing
    if ((round > rounds - busy_rounds)); then
        beside="two busy loops"
        if ((${#loops[@]} == 0)); then
            # They end with this script, however it ends.
            for _ in 1 2; do (while kill -0 $$ 2>/dev/null; do for ((i = 0; i < 100000; i++)); do :; done; done) & loops+=($!); done
        fi
    fi
    log=$scratch/round-$round.txt
    start=$(date +%s)
    code=0
    timeout "$most_seconds" dotnet test --no-build >"$log" 2>&1 </dev/null || code=$?
    seconds=$(($(date +%s) - start))
    failed=$(total failed)
    if ((code != 0)); then
        failures=$((failures + 1))
        ((failed > 0)) || failed="exit code $code"
    fi
    echo "| $round | $beside | $seconds | $(total succeeded) | $failed | $(total skipped) |"
    if [[ -z $least ]] || ((seconds < least)); then least=$seconds; fi
    if ((seconds > most)); then most=$seconds; fi
done
echo
echo "$rounds rounds, $busy_rounds of them beside two busy loops: $((rounds - failures)) green, $failures not; $least to $most seconds each."
((failures == 0))

#!/usr/bin/env bash
# How long an update takes on one process with two threads, on two ranks of one machine, and on two ranks of two machines with a link
# of 10 and of 1 Gbit/s between them; and what the model of docs/many-machines.md says. Two machines are two network namespaces, each
# with one core. Runs as root; needs Debian's openmpi-bin, iproute2 and a build: dotnet build -c Release src/Unroll.Cli
# Usage: runs/mpi/measure.sh [HIDDEN [UPDATES [ROUNDS [STEPS]]]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source runs/mpi/namespaces.sh
hidden=${1:-512} updates=${2:-60} rounds=${3:-1} steps=${4:-64}
unroll=(dotnet "$PWD/src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli.dll")
two_machines
for ((i = 0; i < 80; i++)); do cat src/Unroll/Data/Sources/Story.txt; done >"$machines/text.txt"
cd "$machines"
export TERM=dumb XDG_CACHE_HOME=$machines
batch=64
train=(train text.txt --preset default --cell lstm --hidden "$hidden" --embedding 0 --output-ngrams 0 --memory 0 --validation 0 --sequence-length $steps --updates "$updates"
    --plot none --sample-every 0 --checkpoint-every 1000 --json)
figure() { grep -ao "\"$1\": *[0-9.]*" | head -1 | grep -o '[0-9.]*$'; }
milliseconds() { # TOKENS, the run's JSON on standard input: of an update
    awk -v tokens="$1" -v speed="$(figure tokensPerSecond)" 'BEGIN { printf "%.2f", 1000 * tokens / speed }'
}
say() { printf '%-34s %9s %9s %8s\n' "$@"; }

for ((round = 1; round <= rounds; round++)); do
    # Half the minibatch on each core, and nothing to exchange.
    for core in 0 1; do
        taskset -c $core "${unroll[@]}" "${train[@]}" --batch $((batch / 2)) --threads 1 --out half$core.safetensors >half$core.json 2>half$core.txt &
    done
    wait
    half=$(awk -v a="$(milliseconds $((batch / 2 * steps)) <half0.json)" -v b="$(milliseconds $((batch / 2 * steps)) <half1.json)" 'BEGIN { print (a > b ? a : b) }')
    parameters=$(figure parameters <half0.json)
    predicted() { # BITS-PER-SECOND SECONDS-A-MESSAGE: four recurrent matrices, each exchanged while the next gradient is computed
        awk -v half="$half" -v n="$parameters" -v rate="$1" -v alpha="$2" 'BEGIN {
            exchange = 1000 * 2 * (alpha + 4 * n / 2 / (0.94 * rate / 8))
            last = exchange / 4
            beside = exchange - 3 / 4 * half / 3
            printf "%.2f", half + (last > beside ? last : beside) }'
    }
    row() { # NAME PREDICTED MEASURED
        say "$1" "$2" "$3" "$(awk -v p="$2" -v m="$3" 'BEGIN { if (p == "") print ""; else printf "%+.0f %%", 100 * (p / m - 1) }')"
    }
    echo "LSTM of $hidden units, $parameters parameters, minibatches of $batch x $steps, $updates updates; milliseconds an update"
    say "" predicted measured error
    row "half a minibatch, 1 thread" "" "$half"
    "${unroll[@]}" "${train[@]}" --batch $batch --shards 2 --threads 2 --out one.safetensors >one.json 2>one.txt
    one=$(milliseconds $((batch * steps)) <one.json)
    row "1 process x 2 threads" "" "$one"
    mpirun --bind-to none -n 2 ./pin.sh "${unroll[@]}" "${train[@]}" --batch $batch --shards 2 --threads 1 --out two.safetensors >two.json 2>two.txt
    two=$(milliseconds $((batch * steps)) <two.json)
    row "2 ranks x 1 thread, one machine" "" "$two"
    echo "efficiency of 2 ranks x 1 thread against 1 process x 2 threads: $(awk -v a="$one" -v b="$two" 'BEGIN { printf "%.1f %%", 100 * a / b }')"
    for rate in 10 1; do
        link ${rate}gbit
        over "${unroll[@]}" "${train[@]}" --batch $batch --shards 2 --threads 1 --out far$rate.safetensors >far$rate.json 2>far$rate.txt
        row "2 machines x 1 thread, $rate Gbit/s" "$(predicted ${rate}e9 50e-6)" "$(milliseconds $((batch * steps)) <far$rate.json)"
    done
    link none
    cmp one.safetensors two.safetensors && cmp one.safetensors far10.safetensors && cmp one.safetensors far1.safetensors && echo "all four wrote the same bytes"
done

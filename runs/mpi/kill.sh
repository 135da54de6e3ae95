#!/usr/bin/env bash
# Kills ranks at random, again and again, starts the run again on another number of ranks, and compares the model that comes of it
# with that of a run that nobody disturbed. Usage: runs/mpi/kill.sh [KILLS [NETWORKS]], 50 and one by default. Needs Debian's
# openmpi-bin and mpich, and a build: dotnet build -c Release src/Unroll.Cli
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
kills=${1:-50} networks=${2:-1}
unroll=(dotnet "$PWD/src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli.dll")
text=$PWD/src/Unroll/Data/Sources/Story.txt
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 XDG_CACHE_HOME=$folder
RANDOM=${SEED:-7}

# So long that a quiet machine of two cores is not done before the last kill.
options=(--cell gru --hidden 96 --layers 2 --embedding 0 --dropout 0.2 --members "$networks" --memory 0 --shards 4 --updates $((200 * kills / networks)) --threads 1
    --plot none --sample-every 0 --checkpoint-every 0.1)
start() { # RANKS LIBRARY WORDS…
    local ranks=$1 library=$2
    shift 2
    if ((ranks == 1)); then "${unroll[@]}" train "$text" "${options[@]}" "$@"
    elif [[ $library == openmpi ]]; then mpirun --oversubscribe --bind-to none -n "$ranks" "${unroll[@]}" train "$text" "${options[@]}" "$@"
    else mpirun.mpich -n "$ranks" "${unroll[@]}" train "$text" "${options[@]}" "$@"; fi
}
# All processes below one, and of them those that compute.
below() { local child; for child in $(pgrep -P "$1"); do echo "$child"; below "$child"; done; }
ranks_of() { local process; for process in $(below "$1"); do if [[ $(cat "/proc/$process/comm" 2>/dev/null) == dotnet ]]; then echo "$process"; fi; done; }

start 1 none --out whole.safetensors >whole.txt 2>&1
slowest=0 stayed=0 finished=0
for ((kill = 1; kill <= kills; kill++)); do
    ranks=$((RANDOM % 2 ? 2 : 4))
    library=$((RANDOM % 2))
    library=$([[ $library == 1 ]] && echo openmpi || echo mpich)
    start "$ranks" "$library" --out pieces.safetensors --resume >log.txt 2>&1 &
    launcher=$!
    sleep "$((RANDOM % 3 + 1)).$((RANDOM % 10))"
    mapfile -t processes < <(ranks_of "$launcher")
    victim=none
    if ((${#processes[@]})); then
        victim=$((RANDOM % ${#processes[@]}))
        kill -KILL "${processes[$victim]}" 2>/dev/null || true
    fi
    began=$(date +%s%N)
    code=0
    wait "$launcher" || code=$?
    took=$((($(date +%s%N) - began) / 1000000))
    ((took > slowest)) && slowest=$took
    ((code == 0)) && finished=$((finished + 1))
    # What has ended and is only not forgotten yet has the state Z.
    for process in "${processes[@]}"; do
        if [[ $(cut -d' ' -f3 "/proc/$process/stat" 2>/dev/null || echo Z) != Z ]]; then stayed=$((stayed + 1)); fi
    done
    at=$({ head -c 20000 pieces.safetensors 2>/dev/null | grep -aoE 'updates[^0-9a-z]{1,6}[0-9]+' || true; } | tail -1 | grep -oE '[0-9]+$' || true)
    printf '%2d  %-8s %d ranks, rank %s killed: exit code %d after %d ms; %s updates saved\n' "$kill" "$library" "$ranks" "$victim" "$code" "$took" "${at:-0}"
done
start 4 openmpi --out pieces.safetensors --resume >log.txt 2>&1
sha256sum whole.safetensors pieces.safetensors
echo "$kills kills; $finished ended all the same; $stayed processes stayed behind; the slowest end took $slowest ms"
cmp whole.safetensors pieces.safetensors && echo "the same bytes"

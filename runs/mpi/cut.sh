#!/usr/bin/env bash
# Pulls the cable between two machines while they train, and says how the job ends and after how long; then resumes the run on one
# machine and compares the model with that of a run that nobody disturbed. Runs as root; needs Debian's openmpi-bin and mpich, iproute2
# and a build: dotnet build -c Release src/Unroll.Cli. Usage: runs/mpi/cut.sh [openmpi|mpich]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source runs/mpi/namespaces.sh
library=${1:-openmpi}
unroll=(dotnet "$PWD/src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli.dll")
train=(train "$PWD/src/Unroll/Data/Sources/Story.txt" --cell gru --hidden 96 --members 1 --memory 0 --shards 2 --updates 3000 --threads 1
    --plot none --sample-every 0 --checkpoint-every 0.5)
two_machines
cd "$machines"
"${unroll[@]}" "${train[@]}" --out whole.safetensors >whole.txt 2>&1

over "${unroll[@]}" "${train[@]}" --out pieces.safetensors >log.txt 2>&1 &
job=$!
until [[ -s pieces.safetensors ]]; do kill -0 $job; sleep 0.1; done
sleep 1
began=$(date +%s%N)
ip -n unroll2 link set unroll2 down
code=0
wait $job || code=$?
echo "the job ended with exit code $code, $((($(date +%s%N) - began) / 1000000)) ms after the cable was pulled, and said:"
grep -a '^unroll: Rank' log.txt || tail -20 log.txt
sleep 10
echo "ranks that are left: $(pgrep -fc 'Unroll.Cli.dll train .*pieces.safetensors' || true)"
ip netns pids unroll2 | xargs -r kill # the other machine's daemon, which waits for the dead link
"${unroll[@]}" "${train[@]}" --out pieces.safetensors --resume >resumed.txt 2>&1
cmp whole.safetensors pieces.safetensors && echo "resumed on one machine: the same bytes"

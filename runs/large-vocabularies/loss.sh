#!/usr/bin/env bash
# What a sampled softmax costs in loss: the same network after the same number of updates, with samples of several sizes and with all
# tokens (0). Losses of the last fiftieth of the text, over all tokens.
#     runs/large-vocabularies/loss.sh TEXT [UPDATES] [SAMPLE...]
set -euo pipefail
text=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
updates=${2:-2000}
samples=("${@:3}")
((${#samples[@]})) || samples=(128 384 0)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
dotnet build -c Release src/Unroll.Cli >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
echo "| sample | training | validation | tokens/s |"
echo "|---:|---:|---:|---:|"
for sample in "${samples[@]}"; do
    dotnet src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli.dll train "$text" --preset default --cell cifg --forget-bias -1 --hidden 256 --embedding 128 \
        --optimizer adam --lr 0.0036 --warmup 50 --schedule cosine --clip 1 --batch 16 --sequence-length 32 --validation 0.02 --measure 1 --memory 0 \
        --seed 1 --updates "$updates" --softmax-sample "$sample" --out "$scratch/$sample.safetensors" --json 2>"$scratch/log" |
        awk -v sample="$sample" -F '[:,]' '/"loss"/ { loss[++n] = $2 } /"tokensPerSecond"/ { speed = $2 } END { printf "| %s | %.4f | %.4f | %.0f |\n", sample, loss[1], loss[2], speed }' ||
        { cat "$scratch/log"; exit 1; }
done

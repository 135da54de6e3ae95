#!/usr/bin/env bash
# What a softmax of less work costs in loss: the same network after the same number of updates, with samples and with adaptive softmaxes
# of several sizes and with one softmax over all tokens. Losses of the last fiftieth of the text, over all tokens.
#     [TOKENS=word] runs/large-vocabularies/loss.sh TEXT [UPDATES] [sample:N|head:N|all...]
set -euo pipefail
text=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
updates=${2:-2000}
softmaxes=("${@:3}")
((${#softmaxes[@]})) || softmaxes=(sample:128 sample:384 head:128 head:256 head:512 all)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
dotnet build -c Release src/Unroll.Cli >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
echo "| softmax | training | validation | tokens/s |"
echo "|---|---:|---:|---:|"
for softmax in "${softmaxes[@]}"; do
    case $softmax in
        sample:*) option=(--softmax-sample "${softmax#*:}") ;;
        head:*) option=(--adaptive-softmax "${softmax#*:}") ;;
        *) option=() ;;
    esac
    dotnet src/Unroll.Cli/bin/Release/net10.0/Unroll.Cli.dll train "$text" --preset default --cell cifg --forget-bias -1 --hidden 256 --embedding 128 \
        --optimizer adam --lr 0.0036 --warmup 50 --schedule cosine --clip 1 --batch 16 --sequence-length 32 --validation 0.02 --measure 1 --memory 0 \
        --seed 1 --updates "$updates" --tokens "${TOKENS:-character}" "${option[@]}" --out "$scratch/${softmax/:/-}.safetensors" --json 2>"$scratch/log" |
        awk -v softmax="${softmax/:/ of }" -F '[:,]' '/"loss"/ { loss[++n] = $2 } /"tokensPerSecond"/ { speed = $2 } END { printf "| %s | %.4f | %.4f | %.0f |\n", softmax, loss[1], loss[2], speed }' ||
        { cat "$scratch/log"; exit 1; }
done

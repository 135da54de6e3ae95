#!/usr/bin/env bash
# Texts of 1 MB to 10 GB, made of real ones: how long reading takes at the first start and at a later one, how fast training
# is, and how much memory both take. Prints a table, and draws it into curve.svg. Everything it makes besides is removed.
#     runs/big-text/run.sh [SIZE...]       sizes in bytes; needs twice to three times the greatest of them on the disk of $TMPDIR
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
data=${UNROLL_DATA:-../../../shared/data}
sizes=("$@")
((${#sizes[@]})) || sizes=(1000000 10000000 100000000 1000000000 10000000000)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

for program in make-text measure plot; do
    dotnet build "$program.cs" -c Release -o "$scratch/$program" >"$scratch/build.txt" || { cat "$scratch/build.txt"; exit 1; }
done
measure() { XDG_CACHE_HOME=$scratch/cache dotnet "$scratch/measure/measure.dll" "$scratch/text.txt" "$@"; }

{
    grep -m1 'model name' /proc/cpuinfo | sed 's/.*: /# /'
    printf '# bytes\tkind\tfirst start, s\tlater start, s\ttokens\tvocabulary\tsequential tokens/s\trandom tokens/s\tMB resident\tMB/s at the first start\n'
    for size in "${sizes[@]}"; do
        dotnet "$scratch/make-text/make-text.dll" "$scratch/text.txt" "$size" "$data"/{timemachine,tiny-shakespeare,war-and-peace}.txt
        for kind in character word; do
            IFS=$'\t' read -r first _ _ _ _ building < <(measure "$kind" 0)
            IFS=$'\t' read -r later tokens vocabulary sequential random training < <(measure "$kind" "$([[ $kind == word ]] && echo 50 || echo 100)")
            resident=$((building > training ? building : training))
            printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$size" "$kind" "$first" "$later" "$tokens" "$vocabulary" "$sequential" "$random" "$resident" \
                "$(awk "BEGIN { printf \"%.0f\", $size / $first / 1e6 }")"
            rm -rf "$scratch/cache"
        done
    done
} | tee "$scratch/table.tsv"
dotnet "$scratch/plot/plot.dll" "$scratch/table.tsv" curve.svg

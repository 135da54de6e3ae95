#!/usr/bin/env bash
# Makes `unroll` as one file that needs no .NET, for five kinds of machine, in FOLDER; prints their sizes, and how long those that can be
# run here take from the shell and back (the whole process: medians). Arm64 runs under QEMU on an x64 Debian 12, to see that it does;
# the others are not run. Needs the .NET 10 SDK and the network. Usage: programs.sh FOLDER [RUNS]
set -euo pipefail
[[ $# -ge 1 ]] || { sed -n 's/^.*Usage: /usage: /p' "${BASH_SOURCE[0]}" | head -1; exit 2; }
mkdir -p "$1"
folder=$(realpath "$1") runs=${2:-21}
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
quietly() { "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; return 1; }; }

# Compiled ahead of time, as the tool's package is; whole, for pages and JSON find parts of it by name, which trimming does not see.
make() { # MACHINE FILE OPTIONS
    quietly dotnet publish src/Unroll.Cli -c Release -r "$1" --self-contained -o "$scratch/$1" \
        -p:PublishSingleFile=true -p:PublishReadyToRun=true -p:IncludeNativeLibrariesForSelfExtract=true "${@:3}"
    local program=$scratch/$1/Unroll.Cli
    [[ $1 != win-* ]] || program+=.exe
    mv "$program" "$2"
    rm -rf "${scratch:?}/$1"
}

source runs/start/measure.sh
# The median of a command's times in milliseconds.
measure() { timings "$@" | awk '{ t[NR] = $1 } END { printf "%.0f", t[int((NR + 1) / 2)] }'; }

row() { # NAME FILE COMMAND…; no COMMAND: it cannot be run here
    local version="not run" generate="not run"
    if [[ $# -gt 2 ]]; then
        version=$(measure "${@:3}" --version)
        generate=$(measure "${@:3}" generate "$scratch/model.safetensors" --prefix "time traveller" --length 50)
    fi
    printf '| %s | %s | %s | %s |\n' "$1" "$(stat -c %s "$2" | awk '{ printf "%.0f", $1 / 1e6 }')" "$version" "$generate"
}

for machine in linux-x64 linux-arm64 win-x64 osx-arm64 osx-x64; do
    file=$folder/unroll-$machine
    [[ $machine != win-* ]] || file+=.exe
    make "$machine" "$file"
done
make linux-x64 "$scratch/compressed" -p:EnableCompressionInSingleFile=true
here=$(uname -sm) emulated=()
if [[ $here == "Linux x86_64" && $(. /etc/os-release && echo "$ID") == debian ]]; then source runs/arm64/emulator.sh || emulated=(); fi
case $here in
    "Linux x86_64") native=linux-x64 ;;
    "Linux aarch64") native=linux-arm64 ;;
    "Darwin arm64") native=osx-arm64 ;;
    *) native=osx-x64 ;;
esac
quietly "$folder/unroll-$native" train --epochs 1 --plot none --out "$scratch/model.safetensors"

echo "| program | MB | \`--version\`, ms | \`generate\`, 50 characters, ms |"
echo "|---|---:|---:|---:|"
for machine in linux-x64 linux-arm64 win-x64 osx-arm64 osx-x64; do
    file=$folder/unroll-$machine
    [[ $machine != win-* ]] || file+=.exe
    if [[ $machine == "$native" ]]; then row "$machine" "$file" "$file"
    elif [[ $machine == linux-arm64 && ${#emulated[@]} -gt 0 ]]; then runs=3 row "$machine, emulated" "$file" "${emulated[@]}" "$file"
    else row "$machine" "$file"; fi
done
if [[ $native == linux-x64 ]]; then row "linux-x64, compressed" "$scratch/compressed" "$scratch/compressed"; fi

# The pages are in the file, too.
tests/tool/serves.sh "$folder/unroll-$native" "$scratch/model.safetensors" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }
echo
echo "\`serve\` of $native answers, pages and all."
